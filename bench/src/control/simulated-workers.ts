import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Lane } from "@axial/contracts";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";

const PROCESS = fileURLToPath(new URL("./simulated-workers-process.ts", import.meta.url));

/** Workers with simulated devices, of one process. */
export interface SimulatedWorkers {
  readonly queueUrl: string;
  readonly blobUrl: string;
  /** Of the simulated model's package. */
  readonly modelFolder: string;
  readonly workers: number;
  readonly imagesPerSecond: number;
  /** Jobs that each worker holds, of each lane. */
  readonly capacity: number;
  readonly lanes: readonly Lane[];
  /** They serve no earlier than this (epoch milliseconds), as on a machine that has to start. */
  readonly serveFrom?: number;
}

export interface WorkersProcess {
  /** Jobs that its workers hold. */
  readonly inHand: number;
  /** CPU seconds so far. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the process and waits until its workers have announced themselves. */
export async function startSimulatedWorkers(options: SimulatedWorkers): Promise<WorkersProcess> {
  const child = fork(PROCESS, [JSON.stringify(options)], { execArgv: [] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let inHand = 0;
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.on("message", (message: { readonly inHand: number }) => {
      inHand = message.inHand;
    });
    child.once("exit", () => reject(new Error("the simulated workers ended")));
  });
  return {
    get inHand() {
      return inHand;
    },
    cpu: () => cpuOfTree(child.pid ?? 0),
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
