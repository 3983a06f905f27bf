import { INFER_QUEUES, type Lane } from "@axial/contracts";
import { Dispatcher } from "@axial/gateway";
import { createLogger, NO_TRACING, openQueues, type Queues } from "@axial/kit";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { sql } from "kysely";
import type { QueueServer } from "../control/queue-server.ts";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";
import { fillBacklog } from "./fill-backlog.ts";
import { measurePlanning } from "./planning.ts";
import { queueBytes } from "./queue-bytes.ts";

const LANE: Lane = "backfill";
/** Each has an equal share, and every query for work asks for all of them. */
const TENANTS = 50;
/** The window without workers, in jobs, and how many free places of it a pass fills. */
const WINDOW = 16;
const REFILL = 4;
/** The window of the passes that move many, as a worker's capacity. */
const WIDE_CAPACITY = 128;

interface OneDispatched {
  /** Of a pass, for each of its jobs. */
  readonly milliseconds: number;
  /** Of PostgreSQL and the dispatcher together, for each job; coarse, so add up many. */
  readonly cpuMs: number;
  readonly queueBytes: number;
}

interface BacklogOptions {
  readonly tasks: number;
  readonly databaseUrl: string;
  readonly queue: QueueServer;
  readonly postgresPid: number;
}

/** So many pending tasks in a database and a queue of their own, and a dispatcher over them. */
export class Backlog {
  readonly insertedPerSecond: number;
  readonly #options: BacklogOptions;
  readonly #db: Database;
  readonly #queues: Queues;
  readonly #dispatcher: Dispatcher;

  private constructor(options: BacklogOptions, db: Database, insertedPerSecond: number) {
    this.insertedPerSecond = insertedPerSecond;
    this.#options = options;
    this.#db = db;
    const logger = createLogger({ service: "bench", level: "error", destination: 2 });
    this.#queues = openQueues(options.queue.url, { logger });
    this.#dispatcher = new Dispatcher({ db, queues: this.#queues, logger, tracing: NO_TRACING });
  }

  static async open(options: BacklogOptions): Promise<Backlog> {
    const db = openDatabase(options.databaseUrl);
    await migrate(db);
    // Query plans must not rely on statistics: these describe a table that was empty a moment ago.
    await sql`ANALYZE task`.execute(db);
    const started = performance.now();
    await fillBacklog(db, { tasks: options.tasks, lane: LANE, tenants: TENANTS });
    return new Backlog(options, db, (options.tasks * 1_000) / (performance.now() - started));
  }

  get tasks(): number {
    return this.#options.tasks;
  }

  /** The cost of a job in the smallest pass, which fills a quarter of the window. */
  async dispatchOne(): Promise<OneDispatched> {
    for (;;) {
      const inFlight = await this.#inFlight();
      if (inFlight.length >= WINDOW) break;
      await this.#dispatcher.pass();
    }
    await this.#putBack(REFILL);
    const serverCpu = await this.#serverCpuMs();
    const ownCpu = process.cpuUsage();
    const started = performance.now();
    await this.#dispatcher.pass();
    const milliseconds = (performance.now() - started) / REFILL;
    const { user, system } = process.cpuUsage(ownCpu);
    const cpuMs = ((user + system) / 1_000 + (await this.#serverCpuMs()) - serverCpu) / REFILL;
    return { milliseconds, cpuMs, queueBytes: await queueBytes(this.#options.queue.url) };
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

  /** Has a gateway plan this many studies beside the backlog. */
  admit(studies: number) {
    const { databaseUrl, queue, postgresPid } = this.#options;
    const addresses = { databaseUrl, queueUrl: queue.url, postgresPid };
    return measurePlanning({ db: this.#db, ...addresses, studies });
  }

  async close(): Promise<void> {
    await this.#queues.close();
    await this.#db.destroy();
    await this.#options.queue.stop();
  }

  async #serverCpuMs(): Promise<number> {
    return (await cpuOfTree(this.#options.postgresPid)) * 1_000;
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
      await this.#queues.jobs.remove(INFER_QUEUES[LANE], `t${id}-${attempt}`);
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
