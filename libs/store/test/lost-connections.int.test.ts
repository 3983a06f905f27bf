import {
  type ForgetfulNetwork,
  openForgetfulNetwork,
  type PostgresServer,
  startPostgres,
} from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase, pingDatabase } from "../src/index.ts";

describe("a pool of one connection", () => {
  let postgres: PostgresServer;
  let network: ForgetfulNetwork;
  let db: Database;

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = new URL(await postgres.createDatabase());
    network = await openForgetfulNetwork(Number(url.port));
    url.port = String(network.port);
    db = openDatabase(url.href, { poolSize: 1 });
  });
  beforeEach(() => pingDatabase(db));
  afterAll(async () => {
    await db.destroy();
    await network.close();
    await postgres.stop();
  });

  it("gives up a statement that was lost on the way, and serves the next", async () => {
    network.forget();
    await expect(pingDatabase(db)).rejects.toThrow("Connection terminated");
    await pingDatabase(db);
  });

  it("gives up a transaction whose next statement was lost", async () => {
    const lost = db.transaction().execute(async (transaction) => {
      await sql`SELECT 1`.execute(transaction);
      network.forget();
      await sql`SELECT 2`.execute(transaction);
    });
    await expect(lost).rejects.toThrow(/connection (terminated|error)/i);
    await pingDatabase(db);
  });

  it("tells Postgres to end the session soon when this host is gone", async () => {
    const { rows } = await sql<{ idle: string; unheard: string }>`
      SELECT current_setting('tcp_keepalives_idle') AS idle,
        current_setting('tcp_user_timeout') AS unheard`.execute(db);
    expect(rows).toEqual([{ idle: "10", unheard: "25000" }]);
  });

  it("leaves a statement alone that Postgres works on", async () => {
    const { rows } = await sql`SELECT 'late' AS answer FROM pg_sleep(6)`.execute(db);
    expect(rows).toEqual([{ answer: "late" }]);
  });
});
