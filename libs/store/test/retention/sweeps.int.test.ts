import type { BlobKey, StudyId, TenantId } from "@axial/contracts";
import { newId } from "@axial/contracts";
import { type FinishedStudy, finishedStudy } from "@axial/store/fixtures";
import { rerunStudy } from "@axial/store/planning";
import {
  collectCondemned,
  liftHold,
  placeHold,
  readPolicies,
  reportRetention,
  sweepDeliveries,
  sweepIdempotencyKeys,
  sweepImages,
  sweepImagesBySize,
  sweepStudies,
  sweepSuperseded,
  takeTurn,
} from "@axial/store/retention";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../support/stack.ts";

const NEVER = new AbortController().signal;

let stack: Stack;
let tenant: TenantId;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());
beforeEach(async () => {
  tenant = `t-${newId().slice(-8)}` as TenantId;
  await sql`INSERT INTO tenant (id) VALUES (${tenant})`.execute(stack.db);
});

const make = (daysAgo: number, options = {}) =>
  finishedStudy(stack, { tenant, daysAgo, ...options });
const by = () => ({ tenant, keyId: null });

async function studies(): Promise<StudyId[]> {
  const rows = await stack.db.selectFrom("study").select("id").where("tenant_id", "=", tenant);
  return (await rows.execute()).map((row) => row.id).sort();
}

async function present(...keys: (BlobKey | undefined)[]): Promise<boolean[]> {
  await collectCondemned(stack.db, stack.blobs, NEVER);
  return Promise.all(keys.map((key) => stack.blobs.has(key ?? ("" as BlobKey))));
}

const allOf = ({ image, runs }: FinishedStudy) =>
  [image, ...runs.flatMap((run) => [run.input, run.result, run.heatmap])] as const;

const sweptAll = async (sweep: () => Promise<number>): Promise<number> => {
  const swept = await sweep();
  return swept === 0 ? 0 : swept + (await sweptAll(sweep));
};

describe("studies by age", () => {
  test("a study that was finished long enough ago goes, with every blob of it", async () => {
    const [old, young] = [await make(10), await make(2)];
    expect(await sweptAll(() => sweepStudies(stack.db, tenant, 5))).toBe(1);
    expect(await studies()).toEqual([young.study]);
    expect(await present(...allOf(old))).toEqual([false, false, false, false]);
    expect(await present(...allOf(young))).toEqual([true, true, true, true]);
  });

  test.each([
    ["that runs", "UPDATE run SET state = 'active', unfinished = 1 WHERE study_id = "],
    ["that waits for the planner", "UPDATE study SET plan_reason = 'rerun' WHERE id = "],
    ["that is receiving again", "UPDATE study SET state = 'receiving' WHERE id = "],
  ])("a study %s is left alone, and all that it needs", async (_, change) => {
    const busy = await make(10);
    await sql`${sql.raw(change)}${busy.study}`.execute(stack.db);
    expect(await sweepStudies(stack.db, tenant, 5)).toBe(0);
    expect(await sweepImages(stack.db, tenant, 5)).toBe(0);
    expect(await sweepImagesBySize(stack.db, tenant, 0)).toBe(0);
    expect(await present(...allOf(busy))).toEqual([true, true, true, true]);
  });

  test("a study whose delivery is on its way is left alone until that is over", async () => {
    const { study, runs } = await make(10);
    await sql`
      INSERT INTO destination (id, tenant_id, name, kind, target)
      VALUES (${study}, ${tenant}, 'x', 'webhook', '{}')`.execute(stack.db);
    await sql`
      INSERT INTO delivery (id, destination_id, tenant_id, study_id, run_id, event, created_at)
      VALUES (${study}, ${study}, ${tenant}, ${study}, ${runs[0]?.run}, 'study.complete',
        now() - interval '9 days')`.execute(stack.db);
    expect(await sweepStudies(stack.db, tenant, 5)).toBe(0);
    expect(await sweepDeliveries(stack.db, tenant, 5)).toBe(0);
    await sql`UPDATE delivery SET state = 'delivered' WHERE id = ${study}`.execute(stack.db);
    expect(await sweepDeliveries(stack.db, tenant, 5)).toBe(1);
    expect(await sweepStudies(stack.db, tenant, 5)).toBe(1);
  });

  test("a study under legal hold stays until the hold is lifted", async () => {
    const { study } = await make(10, { runs: 2 });
    await placeHold(stack.db, { study, reason: "court order" }, by());
    expect(await sweepStudies(stack.db, tenant, 5)).toBe(0);
    expect(await sweepImages(stack.db, tenant, 5)).toBe(0);
    expect(await sweepSuperseded(stack.db, tenant, 5)).toBe(0);
    expect(await liftHold(stack.db, { study }, by())).toBe(true);
    expect(await liftHold(stack.db, { study }, by())).toBe(false);
    expect(await sweepStudies(stack.db, tenant, 5)).toBe(1);
    const audit = await stack.db.selectFrom("audit").select("action").where("target", "=", study);
    expect((await audit.execute()).map((row) => row.action)).toEqual([
      "study.hold",
      "study.release",
    ]);
  });
});

describe("images", () => {
  test("go by age and leave the results", async () => {
    const { study, image, runs } = await make(10);
    expect(await sweptAll(() => sweepImages(stack.db, tenant, 5))).toBe(1);
    const [run] = runs;
    expect(await present(image, run?.result, run?.heatmap)).toEqual([false, true, true]);
    const row = stack.db.selectFrom("study").selectAll().where("id", "=", study);
    expect(await row.executeTakeFirst()).toMatchObject({
      state: "complete",
      instance_count: 0,
      images_removed_at: expect.any(Date),
    });
    const rerun = stack.db.transaction().execute((trx) => rerunStudy(trx, study, { models: null }));
    expect(await rerun).toBe(false);
  });

  test("go by size, the oldest first, until the rest fits", async () => {
    const made = [];
    for (const daysAgo of [9, 8, 7, 6]) made.push(await make(daysAgo, { bytes: 1_000 }));
    const [policy] = await readPolicies(stack.db, tenant);
    if (policy === undefined) throw new Error("no policy");
    await sweepImagesBySize(stack.db, tenant, 1_000_000);
    const report = await reportRetention(stack.db, { ...policy, imageBytes: 2_500 });
    expect(report).toEqual({ studies: 0, images: 2, imageBytes: 4_000, underHold: 0 });
    expect(await sweptAll(() => sweepImagesBySize(stack.db, tenant, 2_500))).toBe(2);
    expect(await present(...made.map((study) => study.image))).toEqual([false, false, true, true]);
    expect((await reportRetention(stack.db, policy)).imageBytes).toBe(2_000);
  });
});

test("runs that a complete one supersedes go by age, the current one stays", async () => {
  const { study, runs } = await make(10, { runs: 3 });
  expect(await sweptAll(() => sweepSuperseded(stack.db, tenant, 5))).toBe(2);
  const left = await stack.db
    .selectFrom("run")
    .select("id")
    .where("study_id", "=", study)
    .execute();
  expect(left.map((row) => row.id)).toEqual([runs[2]?.run]);
  expect(await present(...runs.map((run) => run.heatmap))).toEqual([false, false, true]);
  expect(await present(...runs.map((run) => run.input))).toEqual([false, false, true]);
});

test("answers to repeated requests go by age", async () => {
  await sql`
    INSERT INTO idempotency_key (tenant_id, key, fingerprint, created_at)
    VALUES (${tenant}, 'old', 'f', now() - interval '2 days'), (${tenant}, 'new', 'f', now())`.execute(
    stack.db,
  );
  expect(await sweepIdempotencyKeys(stack.db)).toBe(1);
});

test("of many concurrent callers one gets the turn, and none before it is due again", async () => {
  const ask = () => takeTurn(stack.db, "test", 60);
  const taken = await Promise.all(Array.from({ length: 8 }, ask));
  expect(taken.filter((turn) => turn !== null)).toEqual([0]);
  expect(await ask()).toBeNull();
  await sql`UPDATE sweep SET due_at = now() WHERE name = 'test'`.execute(stack.db);
  expect(await ask()).toBe(1);
});
