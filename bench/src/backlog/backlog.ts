import { INFER_QUEUES, type Lane } from "@axial/contracts";
import { Dispatcher } from "@axial/gateway";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import { type Database, migrate, openDatabase } from "@axial/store";
import { sql } from "kysely";
import { insertPending } from "../control/pending-tasks.ts";
import { queueBytes } from "./queue-bytes.ts";

const LANE: Lane = "backfill";
/** Tasks of one study: a series that twenty models want to see. */
const TASKS_PER_STUDY = 20;
/** The window without workers, in jobs. */
const WINDOW = 16;
/** The window of the passes that move many, as a worker's capacity. */
const WIDE_CAPACITY = 128;

export interface OneDispatched {
  readonly milliseconds: number;
  readonly queueBytes: number;
}

/** So many pending tasks in a database of their own, and a dispatcher over them. */
export class Backlog {
  readonly tasks: number;
  readonly insertedPerSecond: number;
  readonly #db: Database;
  readonly #queues: Queues;
  readonly #queueUrl: string;
  readonly #dispatcher: Dispatcher;

  private constructor(options: {
    readonly tasks: number;
    readonly insertedPerSecond: number;
    readonly db: Database;
    readonly queueUrl: string;
  }) {
    this.tasks = options.tasks;
    this.insertedPerSecond = options.insertedPerSecond;
    this.#db = options.db;
    this.#queueUrl = options.queueUrl;
    const logger = createLogger({ service: "bench", level: "error", destination: 2 });
    this.#queues = openQueues(options.queueUrl, { logger });
    this.#dispatcher = new Dispatcher({ db: options.db, queues: this.#queues, logger });
  }

  static async open(options: {
    readonly databaseUrl: string;
    readonly queueUrl: string;
    readonly tasks: number;
  }): Promise<Backlog> {
    const db = openDatabase(options.databaseUrl);
    await migrate(db);
    const started = performance.now();
    await insertPending(db, {
      tenant: "default",
      lane: LANE,
      studies: Math.ceil(options.tasks / TASKS_PER_STUDY),
      tasksPerStudy: TASKS_PER_STUDY,
    });
    const insertedPerSecond = (options.tasks * 1_000) / (performance.now() - started);
    await sql`VACUUM (ANALYZE) task`.execute(db);
    return new Backlog({ ...options, insertedPerSecond, db });
  }

  /** A pass while the window has one free place. */
  async dispatchOne(): Promise<OneDispatched> {
    for (;;) {
      const inFlight = await this.#inFlight();
      if (inFlight.length >= WINDOW) break;
      await this.#dispatcher.pass();
    }
    await this.#putBack(1);
    const started = performance.now();
    await this.#dispatcher.pass();
    const milliseconds = performance.now() - started;
    const bytes = await queueBytes(this.#queueUrl);
    return { milliseconds, queueBytes: bytes };
  }

  /** Jobs per second until a wide window is full; they are put back afterwards. */
  async dispatchMany(): Promise<number> {
    await this.#announce(WIDE_CAPACITY);
    const before = (await this.#inFlight()).length;
    const started = performance.now();
    while (await this.#dispatcher.pass()) {}
    const seconds = (performance.now() - started) / 1_000;
    const dispatched = (await this.#inFlight()).length - before;
    await this.#announce(0);
    await this.#putBack(dispatched + before);
    return dispatched / seconds;
  }

  /** Takes what it left on the queue off again. */
  async close(): Promise<void> {
    await this.#putBack(Number.POSITIVE_INFINITY);
    await this.#queues.close();
    await this.#db.destroy();
  }

  async #inFlight(): Promise<{ id: string; attempt: number }[]> {
    const { rows } = await sql<{ id: string; attempt: number }>`
      SELECT id, attempt FROM task WHERE state IN ('dispatched', 'running')
      ORDER BY dispatched_at`.execute(this.#db);
    return rows;
  }

  /** Takes the first jobs off the queue; their tasks wait again, behind all others. */
  async #putBack(count: number): Promise<void> {
    const tasks = (await this.#inFlight()).slice(0, count);
    for (const { id, attempt } of tasks) {
      await this.#queues.remove(INFER_QUEUES[LANE], `t${id}-${attempt}`);
    }
    await sql`UPDATE task SET state = 'pending', not_before = now(), state_since = now()
      WHERE id = ANY(${tasks.map(({ id }) => id)})`.execute(this.#db);
  }

  async #announce(capacity: number): Promise<void> {
    await sql`INSERT INTO worker (id, capacity, models, provider, seen_at)
      VALUES ('bench', ${capacity}, '{}', 'none', now() + interval '1 hour')
      ON CONFLICT (id) DO UPDATE SET capacity = excluded.capacity`.execute(this.#db);
  }
}
