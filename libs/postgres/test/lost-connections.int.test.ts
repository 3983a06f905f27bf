import {
  type ForgetfulNetwork,
  openForgetfulNetwork,
  type PostgresServer,
  startPostgres,
} from "@axial/testkit";
import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool } from "../src/index.ts";

describe("a pool of one connection", () => {
  let postgres: PostgresServer;
  let network: ForgetfulNetwork;
  /** Postgres beyond the network. */
  let far: string;
  let pool: Pool;

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = new URL(await postgres.createDatabase());
    network = await openForgetfulNetwork(Number(url.port));
    url.port = String(network.port);
    far = url.href;
    pool = openPool(far, { max: 1, application_name: "test" });
  });
  const ping = () => pool.query("SELECT 1");
  beforeEach(async () => void (await ping()));
  afterAll(async () => {
    await pool.end();
    await network.close();
    await postgres.stop();
  });

  it("gives up a statement that was lost on the way, and serves the next", async () => {
    network.forget();
    await expect(ping()).rejects.toThrow("Connection terminated");
    await ping();
  });

  it("gives up a statement of a client that was lost on the way", async () => {
    const client = await pool.connect();
    network.forget();
    const lost = client.query("SELECT 1").finally(() => client.release(true));
    await expect(lost).rejects.toThrow("Connection terminated");
    await ping();
  });

  it("gives up a transaction whose next statement was lost", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    network.forget();
    const lost = client.query("SELECT 2").finally(() => client.release(true));
    await expect(lost).rejects.toThrow(/connection (terminated|error)/i);
    await ping();
  });

  it("tells Postgres to end the session soon when this host is gone", async () => {
    const { rows } = await pool.query(`
      SELECT current_setting('tcp_keepalives_idle') AS idle,
        current_setting('tcp_user_timeout') AS unheard`);
    expect(rows).toEqual([{ idle: "10", unheard: "25000" }]);
  });

  it("leaves a statement alone that Postgres works on", async () => {
    const { rows } = await pool.query("SELECT 'late' AS answer FROM pg_sleep(6)");
    expect(rows).toEqual([{ answer: "late" }]);
  });

  it("gives up idle connections along with one that was lost", async () => {
    const many = openPool(far, { max: 3, application_name: "test" });
    await Promise.all([1, 2, 3].map(() => many.query("SELECT pg_sleep(0.2)")));
    expect(many.idleCount).toBe(3);
    network.forget();
    await expect(many.query("SELECT 1")).rejects.toThrow("Connection terminated");
    await many.query("SELECT 1");
    await many.end();
  });
});
