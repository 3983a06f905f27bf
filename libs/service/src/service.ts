import type { FastifyPluginAsync } from "fastify";

/**
 * A part of a process: its HTTP routes and its background loops. In the cluster each runs alone;
 * `axial up` hosts all of them in one process.
 */
export interface Service {
  /** Its name in logs. */
  readonly name: string;
  /** Registered before the server listens; its routes are called once the schema is current. */
  readonly app: FastifyPluginAsync;
  /**
   * Begins its loops, and resolves when what it listens on is open. Called once, when the schema
   * is current; never after a shutdown began.
   */
  start(): void | Promise<void>;
  /** Resolves when what `start` began has stopped. Also called when it never started. */
  close(): Promise<void>;
}

/** What a host runs: a service, or something that only serves or only works. */
export type Hosted = Pick<Service, "name"> & Partial<Service>;
