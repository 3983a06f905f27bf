import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { BlobKey, SeriesId, TenantId } from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import { readManifest } from "@axial/inference/packages";
import { phantomSeries, TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { decidePlan } from "../../src/plan/decide-plan.ts";
import { PlanDecider } from "../../src/plan/plan-decider.ts";
import { versionsOfBackfill } from "../../src/plan/versions-in-use.ts";

const POLICY = { syntheticModels: false };
const TENANT = "default" as TenantId;

/** A study of one brain series with so many slices, each at its own place. */
async function studyOf(slices: number) {
  const [file = Buffer.of()] = phantomSeries({ kind: "brain", slices: 1, size: 16 }).files;
  const facts = instanceFacts(readInstance(file));
  const instances = Array.from({ length: slices }, (_, index) => ({
    ...{ series: "s" as SeriesId, blob: `${index}` as BlobKey, kind: "dicom" as const },
    facts: JSON.stringify({
      ...facts,
      ...{ sopInstanceUid: `2.25.${index}`, instanceNumber: index, pixelChecksum: index },
      position: [0, 0, index],
    }),
  }));
  const study = { instances, leftOut: [], slices, requestedModels: null };
  const installed = [await readManifest(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"))];
  const offer = versionsOfBackfill(installed, []);
  return { study, offer, policy: POLICY };
}

describe("a plan", () => {
  const decider = new PlanDecider(POLICY);
  afterAll(() => decider.close());

  it("of very many slices is decided in a thread, as it is at once, while others have their turns", async () => {
    const request = await studyOf(1_500);
    let turns = 0;
    let decided = false;
    const deciding = decider.decide(TENANT, request).finally(() => {
      decided = true;
    });
    while (!decided) {
      await setImmediate();
      turns += 1;
    }
    expect(turns).toBeGreaterThan(1);
    const named = (plan: Awaited<typeof deciding>) =>
      plan.tasks.map(({ id: _id, input, ...task }) => ({
        ...task,
        input: { ...JSON.parse(input), task: "" },
      }));
    const plan = await deciding;
    expect(plan.tasks).toHaveLength(1);
    expect(named(plan)).toEqual(named(decidePlan(request)));
  });

  it("names the series beyond what is planned, or counts them where they are many", async () => {
    const request = await studyOf(2);
    const refused = async (series: number) => {
      const leftOut = Array.from({ length: series }, (_, index) => `t${index}` as SeriesId);
      const study = { ...request.study, leftOut };
      return (await decider.decide(TENANT, { ...request, study })).refusals;
    };
    const code = { model: null, code: "study-too-large" };
    expect(await refused(1)).toEqual([{ ...code, series: "t0", facts: {} }]);
    expect(await refused(5_000)).toEqual([{ ...code, series: null, facts: { series: 5_000 } }]);
  });
});
