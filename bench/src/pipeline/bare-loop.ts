import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BareLoop } from "./bare-loop-process.ts";
import { cpuOfTree } from "./cpu-of-tree.ts";

const PROCESS = fileURLToPath(new URL("./bare-loop-process.ts", import.meta.url));

export interface BareLoopProcess {
  /** CPU seconds used so far. */
  cpu(): Promise<number>;
  /** Images per second over `images`. */
  measure(images: number): Promise<number>;
  stop(): void;
}

/** Starts the loop's process, in `env` where it is given; it idles between measurements. */
export async function startBareLoop(
  loop: BareLoop,
  env: NodeJS.ProcessEnv = process.env,
): Promise<BareLoopProcess> {
  const child = fork(PROCESS, [JSON.stringify(loop)], { execArgv: [], env });
  const answer = () =>
    new Promise<unknown>((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", () => reject(new Error("the bare loop ended")));
    });
  await answer();
  return {
    cpu: () => cpuOfTree(child.pid ?? 0),
    measure: async (images) => {
      const seconds = answer();
      child.send(images);
      return images / Number(await seconds);
    },
    stop: () => {
      child.removeAllListeners("exit");
      child.disconnect();
    },
  };
}
