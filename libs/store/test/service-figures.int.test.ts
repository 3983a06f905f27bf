import type { Lane } from "@axial/contracts";
import { openDatabase } from "@axial/store/database";
import { finishedStudy } from "@axial/store/fixtures";
import { probeWrites } from "@axial/store/health";
import { readIntakeLevels, writeIntakeLevels } from "@axial/store/ingest";
import { announceWorkers } from "@axial/store/recording";
import { readLaneFigures, readPoolFigures } from "@axial/store/views";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Held = Partial<Record<Lane, number>>;

const announce = (worker: string, pool: string, at: number, held?: Held) =>
  stack.db
    .transaction()
    .execute((trx) =>
      announceWorkers(trx, [
        { worker, pool, at, capacity: 4, models: [], lanes: ["routine"], provider: "cpu", held },
      ]),
    );

test("every lane has its figures, with no worker and no task too", async () => {
  const figures = await readLaneFigures(stack.db);
  expect(figures).toEqual(
    ["stat", "routine", "backfill"].map((lane) => ({
      ...{ lane, paused: false, workers: 0, capacity: 0, running: 0, oldestSeconds: 0 },
    })),
  );
});

test("a pool whose workers are silent stays, with none; a wrong clock is measured", async () => {
  await announce("a", "cpu", Date.now());
  await announce("b", "gpu", Date.now() - 45_000);
  await announce("c", "cpu", Date.now() + 9_000);
  const [cpu, gpu] = await readPoolFigures(stack.db);
  expect(cpu).toMatchObject({ pool: "cpu", workers: 2 });
  expect(cpu?.clockSkewSeconds).toBeGreaterThan(8);
  expect(gpu).toMatchObject({ pool: "gpu", workers: 0 });
  const routine = (await readLaneFigures(stack.db)).find(({ lane }) => lane === "routine");
  expect(routine).toMatchObject({ workers: 2, capacity: 8 });
});

test("only what a live worker holds counts as running", async () => {
  const running = async () =>
    Object.fromEntries((await readLaneFigures(stack.db)).map((row) => [row.lane, row.running]));
  await announce("alive", "cpu", Date.now(), { stat: 1, routine: 3 });
  await announce("other", "cpu", Date.now(), { routine: 2 });
  await announce("dead", "cpu", Date.now() - 45_000, { routine: 16, backfill: 8 });
  expect(await running()).toEqual({ stat: 1, routine: 5, backfill: 0 });
  await announce("other", "cpu", Date.now() + 1, {});
  expect(await running()).toEqual({ stat: 1, routine: 3, backfill: 0 });
});

test("of several gateways the highest level of the intake stands, while one of them says it", async () => {
  const level = (value: number) => ({
    ...{ name: "blob-disk", what: "the disk", level: value },
    disk: { size: 2 ** 41, free: 2 ** 40 },
  });
  await writeIntakeLevels(stack.db, [level(0.8)]);
  await writeIntakeLevels(stack.db, [level(0.2)]);
  expect(await readIntakeLevels(stack.db)).toEqual([level(0.8)]);
  await sql`UPDATE intake_level SET read_at = now() - interval '40 seconds'`.execute(stack.db);
  await writeIntakeLevels(stack.db, [level(0.2)]);
  expect(await readIntakeLevels(stack.db)).toEqual([level(0.2)]);
  await sql`UPDATE intake_level SET read_at = now() - interval '2 minutes'`.execute(stack.db);
  expect(await readIntakeLevels(stack.db)).toEqual([]);
});

test("the oldest waiting task counts until a worker begins it, and not while its tenant is paused", async () => {
  const { study } = await finishedStudy(stack);
  const become = (state: string) =>
    sql`UPDATE task SET state = ${state}, not_before = now() - interval '90 seconds',
      dispatched_lane = lane WHERE study_id = ${study}`.execute(stack.db);
  const oldest = async () =>
    Math.max(...(await readLaneFigures(stack.db)).map(({ oldestSeconds }) => oldestSeconds));
  for (const state of ["pending", "dispatched"]) {
    await become(state);
    expect(Math.round(await oldest()), state).toBeGreaterThanOrEqual(90);
  }
  await become("running");
  expect(await oldest()).toBe(0);
  await become("pending");
  await sql`UPDATE tenant SET paused = true`.execute(stack.db);
  expect(await oldest()).toBe(0);
});

test("a probe writes, and fails where only reads are taken", async () => {
  const at = await probeWrites(stack.db, "test");
  expect(Math.abs(at.getTime() - Date.now())).toBeLessThan(60_000);
  const { url, db } = stack;
  const name = sql.ref(new URL(url).pathname.slice(1));
  await sql`ALTER DATABASE ${name} SET default_transaction_read_only = on`.execute(db);
  const reads = openDatabase(url, { onIdleError: () => {} });
  try {
    await expect(probeWrites(reads, "test")).rejects.toThrow(/read-only transaction/);
  } finally {
    await reads.destroy();
  }
});
