import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { tether } from "@axial/local-postgres";
import { isOrthancInstalled, startOrthancServer } from "../cstore/orthanc-server.ts";
import { rounded } from "../figures.ts";
import { residentOfTree } from "./resident-of-tree.ts";

const PEER = fileURLToPath(new URL("../../peers/orthanc-loop/", import.meta.url));
const PYTHON = join(PEER, ".venv/bin/python");
const DCMSEND = "/usr/bin/dcmsend";
/** How often progress and memory are looked at. */
const POLL_MS = 250;
const run = promisify(execFile);

interface PeerTrial {
  /** A folder of studies. */
  readonly tree: string;
  /** For Orthanc's storage and the rows. */
  readonly folder: string;
  /** A model package. */
  readonly model: string;
  readonly instances: number;
}

/** What is missing for the peer; null when all of it is there. */
export function missingPeer(): string | null {
  if (!isOrthancInstalled()) return "Orthanc is not installed: apt-get install orthanc";
  if (!existsSync(DCMSEND)) return "dcmsend is not installed: apt-get install dcmtk";
  if (existsSync(PYTHON)) return null;
  return "python3 -m venv bench/peers/orthanc-loop/.venv and install requirements.txt into it";
}

/**
 * The same folder, pushed into Orthanc by dcmsend while a loop in Python (pydicom, ONNX Runtime)
 * fetches each instance that is new, classifies it and commits a row. Seconds from dcmsend's start
 * to the last row.
 */
export async function runOrthancLoop(
  trial: PeerTrial,
): Promise<{ readonly seconds: number; readonly loopMb: number }> {
  const orthanc = await startOrthancServer(join(trial.folder, "orthanc"));
  const loop = spawn(PYTHON, [join(PEER, "classify.py")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      MODEL: trial.model,
      URL: `http://127.0.0.1:${orthanc.httpPort}`,
      INSTANCES: String(trial.instances),
      ROWS: join(trial.folder, "rows.sqlite"),
    },
  });
  tether(loop);
  const failed = once(loop, "exit").then(([code]) => {
    throw new Error(`the loop around Orthanc ended with ${code}`);
  });
  failed.catch(() => {});
  try {
    const lines = createInterface({ input: loop.stdout })[Symbol.asyncIterator]();
    await Promise.race([lines.next(), failed]);
    let loopMb = 0;
    const poll = setInterval(async () => {
      loopMb = Math.max(loopMb, await residentOfTree(loop.pid ?? 0));
    }, POLL_MS);
    const started = performance.now();
    const flags = ["+sd", "+r", "-aec", "ORTHANC", "127.0.0.1", String(orthanc.dimsePort)];
    const sent = run(DCMSEND, [...flags, trial.tree], { maxBuffer: 1 << 26 });
    const [, last] = await Promise.all([sent, lines.next()]);
    clearInterval(poll);
    if (last.value !== `done ${trial.instances}`) throw new Error(`the loop said ${last.value}`);
    const seconds = (performance.now() - started) / 1_000;
    return { seconds, loopMb: rounded(loopMb, 0) };
  } finally {
    loop.kill("SIGKILL");
    await orthanc.stop();
  }
}
