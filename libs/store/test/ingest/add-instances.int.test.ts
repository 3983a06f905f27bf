import { randomBytes } from "node:crypto";
import { type BlobKey, newUid, type TenantId } from "@axial/contracts";
import { newInstance, TENANT } from "@axial/store/fixtures";
import { type NewInstance, storeInstances } from "@axial/store/ingest";
import { condemnUnreferenced } from "@axial/store/retention";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addInstances } from "../../src/ingest/add-instances.ts";
import { writeInstances } from "../../src/ingest/store-instances.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** The general way's: what `TENANT` is sent, it is sent too. */
const TWIN = "twin" as TenantId;
const ROUNDS = 200;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await sql`INSERT INTO tenant SELECT (jsonb_populate_record(tenant, ${`{"id":"${TWIN}"}`}::jsonb)).*
    FROM tenant WHERE id = ${TENANT}`.execute(stack.db);
});
afterAll(() => stack.stop());

const generally = (group: readonly NewInstance[]) =>
  stack.db
    .transaction()
    .execute((trx) => writeInstances(trx, group, { blobs: null, strangers: "hold" }));

/** Whole numbers below `bound`, the same in each run. */
function seededBelow(): (bound: number) => number {
  let state = 20_261_129;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const key = () => randomBytes(32).toString("hex") as BlobKey;
const person = (id: string) => ({ "00100020": { vr: "LO", Value: [id] } });

/** Instances of a few studies as senders mix them: repeated, contradicting, of closed studies. */
function instanceSource() {
  const below = seededBelow();
  const pick = <Value>(values: readonly Value[]) => values[below(values.length)] as Value;
  const studies = Array.from({ length: 12 }, () => ({
    uid: newUid(),
    series: [newUid(), newUid()],
  }));
  const sent: NewInstance[] = [];
  return (round: number): NewInstance => {
    if (sent.length > 0 && below(12) === 0)
      return { ...pick(sent), ...pick([{}, { blob: key() }]) };
    const study = studies[Math.floor((round * studies.length) / ROUNDS)] ?? pick(studies);
    const patientTags = below(8) > 0 ? person("1") : pick([{}, person("2")]);
    const rare = below(15) === 0;
    const instance = newInstance(key(), {
      ...{ patientTags, studyTags: patientTags },
      lane: rare ? pick(["stat", "backfill"] as const) : null,
      models: rare ? ["a@1"] : null,
      expectedInstances: rare ? 8 + below(12) : null,
    });
    const facts = { ...instance.facts, studyUid: study.uid, seriesUid: pick(study.series) };
    sent.push({ ...instance, facts });
    return { ...instance, facts };
  };
}

const studyRows = async (tenant: TenantId) =>
  (
    await sql`SELECT study_uid, state, lane, requested_models, expected_instances, tags,
        close_reason, plan_reason, instance_count,
        (SELECT jsonb_agg(jsonb_build_array(series_uid, series.instance_count) ORDER BY series_uid)
          FROM series WHERE series.study_id = study.id) AS series,
        (SELECT jsonb_agg(jsonb_build_array(sop_instance_uid, blob, bytes, facts,
            identity_id IS NULL) ORDER BY sop_instance_uid)
          FROM instance WHERE instance.study_id = study.id) AS instances,
        (SELECT jsonb_agg(jsonb_build_array(digest, tags) ORDER BY digest)
          FROM study_identity WHERE study_identity.study_id = study.id) AS identities
      FROM study WHERE tenant_id = ${tenant} ORDER BY study_uid`.execute(stack.db)
  ).rows;

test("the short way leaves what the general way leaves", async () => {
  const next = instanceSource();
  const below = seededBelow();
  let short = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const group = Array.from({ length: 1 + below(3) }, () => next(round));
    const added = await addInstances(stack.db, group);
    if (added !== null) short += 1;
    const outcomes = added ?? (await generally(group));
    const expected = await generally(group.map((one) => ({ ...one, tenant: TWIN })));
    expect(outcomes.map(({ status }) => status)).toEqual(expected.map(({ status }) => status));
  }
  expect(await studyRows(TENANT)).toEqual(await studyRows(TWIN));
  expect(short).toBeGreaterThan(ROUNDS / 4);
  expect(short).toBeLessThan((ROUNDS * 3) / 4);
});

/** A study that has one instance, and what makes others of its series. */
async function receiving() {
  const first = newInstance(key());
  await storeInstances(stack.db, [first], stack.blobs);
  const { studyUid, seriesUid } = first.facts;
  return (overrides: Partial<NewInstance> = {}) => {
    const other = newInstance(key(), overrides);
    return { ...other, facts: { ...other.facts, studyUid, seriesUid } };
  };
}

test("refuses a condemned blob to the short way, and the general way reprieves it", async () => {
  const another = await receiving();
  const blob = await stack.blobs.put(randomBytes(64));
  await condemnUnreferenced(stack.db, [{ key: blob, bytes: 64 }]);
  expect(await addInstances(stack.db, [another({ blob })])).toBeNull();
  const [outcome] = await storeInstances(stack.db, [another({ blob })], stack.blobs);
  expect(outcome?.status).toBe("stored");
});

test("stores an instance once that senders send at the same moment, and loses no count", async () => {
  const another = await receiving();
  const instances = Array.from({ length: 20 }, () => another());
  const outcomes = await Promise.all(
    [...instances, ...instances].map((one) => storeInstances(stack.db, [one], stack.blobs)),
  );
  const statuses = outcomes.flat().map(({ status }) => status);
  expect(statuses.filter((status) => status === "stored")).toHaveLength(20);
  expect(statuses.filter((status) => status === "duplicate")).toHaveLength(20);
  const uid = another().facts.studyUid;
  const { rows } = await sql`SELECT instance_count,
      (SELECT sum(instance_count)::integer FROM series WHERE study_id = study.id) AS in_series
    FROM study WHERE study_uid = ${uid}`.execute(stack.db);
  expect(rows).toEqual([{ instance_count: 21, in_series: 21 }]);
});

test("several studies in groups of opposite order wait for each other and do not deadlock", async () => {
  const [one, two] = [await receiving(), await receiving()];
  const groups = Array.from({ length: 30 }, (_, index) =>
    index % 2 === 0 ? [one(), two()] : [two(), one()],
  );
  const outcomes = await Promise.all(
    groups.map((group) => storeInstances(stack.db, group, stack.blobs)),
  );
  expect(outcomes.flat().every(({ status }) => status === "stored")).toBe(true);
});
