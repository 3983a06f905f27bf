import {
  eventually,
  type ForgetfulNetwork,
  openForgetfulNetwork,
  type PostgresServer,
  startPostgres,
} from "@axial/testkit";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Leadership, seekLeadership } from "../src/index.ts";

describe("of two that seek the leadership", () => {
  let postgres: PostgresServer;
  let near: string;
  let network: ForgetfulNetwork;
  /** What led, in order: a name when it began, the name with "ended" when it had stopped. */
  let events: string[];
  let open: Leadership[];

  beforeAll(async () => {
    postgres = await startPostgres();
    near = await postgres.createDatabase();
    network = await openForgetfulNetwork(Number(new URL(near).port));
  });
  afterAll(async () => {
    await network.close();
    await postgres.stop();
  });
  beforeEach(() => {
    events = [];
    open = [];
  });
  afterEach(async () => void (await Promise.all(open.map((one) => one.close()))));

  function seek(name: string, url = near): Leadership {
    const leadership = seekLeadership(url, {
      role: "test",
      lead: () => {
        events.push(name);
        return async () => void events.push(`${name} ended`);
      },
    });
    open.push(leadership);
    return leadership;
  }

  const happened = (...expected: string[]) =>
    eventually(expected.join(", "), async () => events.join() === expected.join());

  it("one leads, and the other takes over when it closes", async () => {
    const first = seek("first");
    await happened("first");
    seek("second");
    await first.close();
    await happened("first", "first ended", "second");
  });

  it("one leads again when the leader's session ends, and the first has stopped", async () => {
    seek("first");
    await happened("first");
    seek("second");
    await endSessions(near);
    // The second may have the lock a moment before the first has heard that it lost it.
    await eventually("the first has stopped, and one leads", async () => events.length >= 3);
    expect(events[0]).toBe("first");
    expect(events.filter((event) => event === "first ended")).toHaveLength(1);
    expect(events.filter((event) => !event.endsWith("ended"))).toHaveLength(2);
  });

  it("a leader that is cut off steps down before the other leads", async () => {
    const url = new URL(near);
    url.port = String(network.port);
    seek("far", url.href);
    await happened("far");
    seek("near");
    network.forget();
    await happened("far", "far ended", "near");
  });
});

async function endSessions(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
  );
  await client.end();
}
