import { newId } from "@axial/contracts";
import { readStateAges } from "@axial/store/dispatch";
import { finishedStudy } from "@axial/store/fixtures";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../support/stack.ts";

/** Every unfinished state. */
const STATES = [
  "delivery pending",
  "study closed",
  "study receiving",
  "study unplanned",
  "task dispatched",
  "task pending",
  "task running",
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

async function ages(): Promise<Map<string, number>> {
  const read = await readStateAges(stack.db);
  return new Map(read.map(({ entity, state, seconds }) => [`${entity} ${state}`, seconds]));
}

test("what is finished has no age, however old", async () => {
  await finishedStudy(stack, { daysAgo: 30 });
  expect(Object.fromEntries(await ages())).toEqual(
    Object.fromEntries(STATES.map((state) => [state, 0])),
  );
});

test("each state tells of the oldest that is in it", async () => {
  const { db } = stack;
  const studies = [
    await finishedStudy(stack),
    await finishedStudy(stack),
    await finishedStudy(stack),
  ];
  const [receiving, unplanned, closed] = studies.map(({ study }) => study);
  const young = (await finishedStudy(stack)).study;
  const ago = (seconds: number) => sql`now() - make_interval(secs => ${seconds})`;
  await sql`UPDATE study SET state = 'receiving', last_instance_at = ${ago(100)}
    WHERE id = ${receiving}`.execute(db);
  await sql`UPDATE study SET state = 'closed', closed_at = ${ago(200)}, plan_reason = 'closed'
    WHERE id = ${unplanned}`.execute(db);
  await sql`UPDATE study SET state = 'closed', closed_at = ${ago(300)}
    WHERE id = ${closed}`.execute(db);
  await sql`UPDATE study SET state = 'closed', closed_at = ${ago(1)} WHERE id = ${young}`.execute(
    db,
  );
  await sql`UPDATE task SET state = 'pending', not_before = ${ago(400)}
    WHERE study_id = ${receiving}`.execute(db);
  await sql`UPDATE task SET state = 'dispatched', state_since = ${ago(500)}
    WHERE study_id = ${unplanned}`.execute(db);
  await sql`UPDATE task SET state = 'running', state_since = ${ago(600)}
    WHERE study_id = ${closed}`.execute(db);
  await sql`UPDATE task SET state = 'running', state_since = ${ago(1)}
    WHERE study_id = ${young}`.execute(db);
  await sql`INSERT INTO destination (id, tenant_id, name, kind, target)
    SELECT ${newId()}, tenant_id, 'hook', 'webhook', '{}' FROM study WHERE id = ${closed}`.execute(
    db,
  );
  await sql`INSERT INTO delivery (id, destination_id, tenant_id, study_id, run_id, event, not_before)
    SELECT ${newId()}, destination.id, destination.tenant_id, run.study_id, run.id,
      'study.complete', ${ago(700)}
    FROM destination, run WHERE run.study_id = ${closed}`.execute(db);
  const expected = {
    "study receiving": 100,
    "study unplanned": 200,
    "study closed": 300,
    "task pending": 400,
    "task dispatched": 500,
    "task running": 600,
    "delivery pending": 700,
  };
  const found = await ages();
  expect([...found.keys()].toSorted()).toEqual(STATES);
  for (const [state, seconds] of Object.entries(expected)) {
    expect(found.get(state), state).toBeGreaterThanOrEqual(seconds);
    expect(found.get(state), state).toBeLessThan(seconds + 60);
  }
});
