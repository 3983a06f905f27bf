import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, tether } from "@axial/local-postgres";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);
const PROGRAM = "/usr/bin/dcmqrscp";

/** An archive that answers C-STORE, C-FIND, C-MOVE and C-GET as ARCHIVE. */
export interface DcmtkArchive {
  readonly port: number;
  /** Where its files lie. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts dcmtk's archive, which knows AXIAL at a port of this machine. */
export async function startDcmtkArchive(axialPort: number): Promise<DcmtkArchive> {
  const folder = await mkdtemp(join(tmpdir(), "axial-dcmtk-archive-"));
  const port = await freePort();
  const config = join(folder, "dcmqrscp.cfg");
  await writeFile(config, configuration(folder, port, axialPort));
  // It forks for each association: the whole group is ended.
  const child = spawn(PROGRAM, ["-c", config], { stdio: "ignore", detached: true });
  tether(child);
  await eventually(
    "dcmqrscp answers",
    () =>
      run("echoscu", ["-aec", "ARCHIVE", "127.0.0.1", String(port)]).then(
        () => true,
        () => false,
      ),
    30_000,
  );
  return {
    port,
    folder,
    stop: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, port: number, axialPort: number): string {
  return [
    `NetworkTCPPort = ${port}`,
    "MaxPDUSize = 16384",
    "MaxAssociations = 16",
    "HostTable BEGIN",
    `axial = (AXIAL, 127.0.0.1, ${axialPort})`,
    "HostTable END",
    "VendorTable BEGIN",
    "VendorTable END",
    "AETable BEGIN",
    `ARCHIVE ${folder} RW (200, 1024mb) ANY`,
    "AETable END",
    "",
  ].join("\n");
}
