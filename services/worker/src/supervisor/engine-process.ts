import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { engineEnvironment } from "../config.ts";
import type { EngineConfig, EngineTask, FromEngine, ToEngine } from "../protocol.ts";

const ENGINE = fileURLToPath(new URL("../engine/main.ts", import.meta.url));

export interface EngineEvents {
  message(message: FromEngine): void;
  /** It ended, whoever wanted that; called once. */
  exit(): void;
}

/** One engine child process and the messages to and from it. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(config: EngineConfig, events: EngineEvents) {
    this.#child = fork(ENGINE, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: [],
      env: engineEnvironment(config),
    });
    this.#child.on("message", (messages) => {
      for (const message of messages as unknown as FromEngine[]) events.message(message);
    });
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        events.exit();
        resolve();
      };
      this.#child.once("exit", ended);
      // Could not be started at all: there will be no exit.
      this.#child.once("error", () => this.#child.pid === undefined && ended());
    });
    this.#send({ kind: "start", config });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  submit(task: EngineTask): void {
    this.#send({ kind: "task", task });
  }

  withdraw(key: string): void {
    this.#send({ kind: "withdraw", key });
  }

  drain(): void {
    this.#send({ kind: "drain" });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Lets it end by itself: an engine without a supervisor exits. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  /** A message to an engine that just died is lost, as the engine is: `exit` tells of both. */
  #send(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}
