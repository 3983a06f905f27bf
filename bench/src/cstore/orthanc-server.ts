import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, tether } from "@axial/local-postgres";

/** Where Debian's package orthanc lies. */
const PROGRAM = "/usr/sbin/Orthanc";
const START_TRIES = 300;

export interface OrthancServer {
  readonly httpPort: number;
  readonly dimsePort: number;
  /** Instances that it holds. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

/** True when Orthanc is on this machine. */
export function isOrthancInstalled(): boolean {
  return existsSync(PROGRAM);
}

/** An empty Orthanc with its defaults (SQLite, files synced) and storage in `folder`. */
export async function startOrthancServer(folder: string): Promise<OrthancServer> {
  await mkdir(folder, { recursive: true });
  const [httpPort, dimsePort] = [await freePort(), await freePort()];
  const settings = join(folder, "orthanc.json");
  await writeFile(
    settings,
    JSON.stringify({
      StorageDirectory: join(folder, "storage"),
      IndexDirectory: join(folder, "storage"),
      HttpPort: httpPort,
      DicomPort: dimsePort,
      DicomAet: "ORTHANC",
      DicomAlwaysAllowStore: true,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      SyncStorageArea: true,
    }),
  );
  const child = spawn(PROGRAM, [settings], { stdio: "ignore" });
  tether(child);
  const statistics = async () => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/statistics`);
    return (await answer.json()) as { CountInstances: number };
  };
  for (let tries = 0; ; tries += 1) {
    if (await statistics().catch(() => null)) break;
    if (tries > START_TRIES) throw new Error("Orthanc did not start");
    await sleep(100);
  }
  return {
    httpPort,
    dimsePort,
    count: async () => (await statistics()).CountInstances,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
