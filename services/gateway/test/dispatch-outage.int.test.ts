import { INFER_QUEUES, type TenantId } from "@axial/contracts";
import { createLogger, NO_TRACING, openQueues, type Queues } from "@axial/kit";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import {
  eventually,
  needs,
  type PostgresServer,
  redisSays,
  startPostgres,
  startRedis,
} from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dispatcher } from "../src/dispatch/dispatcher.ts";
import { backlog } from "./backlog.ts";

const TASKS = 5;

describe("a queue that refuses writes", needs("redis"), () => {
  let postgres: PostgresServer;
  let server: Awaited<ReturnType<typeof startRedis>>;
  let db: Database;
  let queues: Queues;
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: "test", destination });

  beforeAll(async () => {
    postgres = await startPostgres();
    server = await startRedis();
    db = openDatabase(await postgres.createDatabase(), { onIdleError: () => {} });
    await migrate(db);
    queues = openQueues(server.url, { logger });
  });
  afterAll(async () => {
    await queues?.close();
    await db?.destroy();
    await server?.stop();
    await postgres?.stop();
  });

  /** `version` changes whenever a row is written. */
  const tasks = async () => {
    const { rows } = await sql<{ state: string; attempt: number; due: Date; version: string }>`
      SELECT state, attempt, not_before AS due, xmin::text AS version FROM task ORDER BY id`.execute(
      db,
    );
    return rows;
  };

  test("costs the backlog nothing: no attempt, no place, no writes; and one log line", async () => {
    await backlog(db, "default" as TenantId, "routine", TASKS);
    const before = await tasks();
    await redisSays(server.url, "REPLICAOF 127.0.0.1 1");
    const dispatcher = new Dispatcher({ db, queues, logger, tracing: NO_TRACING });

    expect(await dispatcher.pass()).toBe(false);
    const refused = await tasks();
    expect(refused.map(({ version, ...task }) => task)).toEqual(
      before.map(({ version, ...task }) => task),
    );

    for (let pass = 0; pass < 200; pass += 1) expect(await dispatcher.pass()).toBe(false);
    expect(await tasks()).toEqual(refused);
    expect(lines.filter((line) => line.includes("dependency fails"))).toHaveLength(1);

    await redisSays(server.url, "REPLICAOF NO ONE");
    await eventually("the backlog is dispatched", () => dispatcher.pass());
    expect((await queues.jobs.counts(INFER_QUEUES.routine)).waiting).toBe(TASKS);
    expect(new Set((await tasks()).map(({ attempt }) => attempt))).toEqual(new Set([1]));
    expect(lines.filter((line) => line.includes("works again"))).toHaveLength(1);
  });
});
