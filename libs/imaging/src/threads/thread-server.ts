import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { asAxialError } from "@axial/contracts";
import {
  IDLE,
  PROGRESS,
  type ThreadAnswer,
  type ThreadCommand,
  type ThreadData,
} from "./thread-messages.ts";

/** What a thread does with a command. */
export interface ThreadWork<Command, Result, Ahead> {
  /** Begins what can run while the commands before this one are at work. */
  ahead(command: Command): Ahead;
  /** Called once the commands before it are done; `step` says which part of it begins. */
  run(command: Command, ahead: Ahead, step: (step: number) => void): Promise<Result>;
  /** Memory of the result that is moved to the pool instead of copied. */
  moved?(result: Result): Transferable[];
}

/** What the pool starts its threads with. */
export function threadSetup<Setup>(): Setup {
  return (workerData as ThreadData).setup as Setup;
}

/** Answers the pool's commands one after another; the script of a thread ends with this call. */
export function serveThread<Command, Result, Ahead>(
  work: ThreadWork<Command, Result, Ahead>,
): void {
  const port = parentPort;
  if (port === null) throw new Error("the script of a pool's thread runs as a worker thread only");
  const { progress } = workerData as ThreadData;
  const say = (answer: ThreadAnswer<Result>, moved: Transferable[] = []): void => {
    Atomics.store(progress, PROGRESS.command, IDLE);
    port.postMessage(answer, moved);
  };
  const answer = async ({ id, command }: ThreadCommand<Command>, ahead: Ahead): Promise<void> => {
    const step = (index: number): void => {
      Atomics.store(progress, PROGRESS.step, index);
      Atomics.store(progress, PROGRESS.command, id);
    };
    step(0);
    try {
      const result = await work.run(command, ahead, step);
      say({ status: "done", id, result }, work.moved?.(result));
    } catch (thrown) {
      say({ status: "failed", id, failure: asAxialError(thrown, "undecodable").toJSON() });
    }
  };
  let turn: Promise<void> = Promise.resolve();
  port.on("message", (message: ThreadCommand<Command>) => {
    const ahead = work.ahead(message.command);
    turn = turn.then(() => answer(message, ahead));
  });
  say({ status: "ready" });
}
