import type { Backend } from "../options.ts";
import type { KeptProcess } from "./kept-process.ts";
import type { RestartableServer } from "./servers.ts";

export const SERVICES = ["gateway", "archive", "worker", "results"] as const;
export type Service = (typeof SERVICES)[number];

/** Every process of a run has it in its environment, so that one that is left behind is found. */
export const MARKER = "AXIAL_CHAOS_RUN";

/** The whole of Axial as separate processes, with the servers that it stands on. */
export interface Stack {
  readonly backend: Backend;
  /** Value of `MARKER` in the environment of every process. */
  readonly marker: string;
  readonly folder: string;
  readonly adminKey: string;
  readonly services: Readonly<Record<Service, readonly KeptProcess[]>>;
  readonly postgres: RestartableServer;
  readonly redis: RestartableServer | null;
  /** Bypasses every network that can break: for audits and faults, never for services. */
  readonly databaseUrl: string;
  /** The same of the queue. */
  readonly queueUrl: string;
  readonly blobFolder: string;
  /** The address of this process, as the services reach it. */
  readonly outside: string;
  /** Every service says that it is ready. */
  isReady(): Promise<boolean>;
  /** Ends all processes. Resolves with those that did not exit as they should. */
  stopServices(): Promise<string[]>;
  /** Ends the servers too and removes what was written. */
  close(keep: boolean): Promise<void>;
}
