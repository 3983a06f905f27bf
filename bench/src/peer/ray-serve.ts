import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { freePort } from "@axial/testkit";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";

const PYTHON = fileURLToPath(new URL("../../peers/ray/.venv/bin/python", import.meta.url));
const APP = fileURLToPath(new URL("../../peers/ray/serve_app.py", import.meta.url));

interface RaySetup {
  readonly model: string;
  readonly replicas: number;
  readonly batch: number;
}

export interface RayServe {
  /** Resolves when every file of a study has its probabilities. */
  classify(files: readonly string[]): Promise<void>;
  /** Seconds of processor time used so far by Ray's processes. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** The interpreter that has Ray Serve; null where it is not installed. */
export function rayPython(): string | null {
  const python = process.env.AXIAL_PEER_PYTHON ?? PYTHON;
  return existsSync(python) ? python : null;
}

/** Starts Ray Serve with the model and waits until it serves. */
export async function startRayServe(python: string, setup: RaySetup): Promise<RayServe> {
  const port = await freePort();
  const child = spawn(python, [APP], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      MODEL: setup.model,
      REPLICAS: String(setup.replicas),
      BATCH: String(setup.batch),
      PORT: String(port),
      RAY_DEDUP_LOGS: "0",
      RAY_USAGE_STATS_ENABLED: "0",
    },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (text: Buffer) => text.includes("ready") && resolve());
    child.once("exit", (code) => reject(new Error(`Ray Serve ended with ${code}`)));
  });
  const agent = new Agent({ keepAlive: true });
  const one = (path: string) => ask(agent, `http://127.0.0.1:${port}/?path=${path}`);
  return {
    classify: async (files) => void (await Promise.all(files.map(one))),
    cpu: () => cpuOfTree(child.pid ?? 0),
    stop: async () => {
      agent.destroy();
      child.stdin.end();
      await ended;
    },
  };
}

function ask(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`Ray Serve answered ${response.statusCode}`)),
      );
    }).once("error", reject);
  });
}
