import { join } from "node:path";
import type { Lane, ModelPackage } from "@axial/contracts";
import { readManifest } from "@axial/inference/packages";
import type { CanaryRow } from "@axial/store/canaries";
import { TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { versionsInUse } from "../../src/plan/versions-in-use.ts";

const STUDIES = 2_000;

describe("the version of a model that a study gets", () => {
  let models: ModelPackage[];
  beforeAll(async () => {
    const tiny = await readManifest(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"));
    models = ["1.9.0", "1.10.0", "2.0.0"].map((version) => ({ ...tiny, version }));
  });

  const choice = (canary: string | null, percent: number | null): CanaryRow => ({
    model_id: TINY_MODEL_ID,
    ...{ stable_version: "1.10.0", canary_version: canary, percent, since: new Date() },
  });
  const given = (canaries: CanaryRow[], uid = "1.2.3", lane: Lane = "routine") => {
    const [offered] = versionsInUse(models, canaries, { uid, lane }).inUse;
    return [offered?.model.version, offered?.arm];
  };
  const shareOf = (percent: number) =>
    Array.from({ length: STUDIES }, (_, at) => `1.2.826.${at}`).filter(
      (uid) => given([choice("2.0.0", percent)], uid)[1] === "canary",
    );

  it("is the newest where none is chosen", () => {
    expect(given([])).toEqual(["2.0.0", null]);
  });

  it("is the one that is held", () => {
    expect(given([choice(null, null)])).toEqual(["1.10.0", null]);
  });

  it("is the canary's for its share of studies, always the same, and more as the share grows", () => {
    const [small, large] = [shareOf(10), shareOf(40)];
    expect(small.length / STUDIES).toBeGreaterThan(0.07);
    expect(small.length / STUDIES).toBeLessThan(0.13);
    expect(small.every((uid) => large.includes(uid))).toBe(true);
    expect(shareOf(10)).toEqual(small);
    expect(given([choice("2.0.0", 10)], small[0])).toEqual(["2.0.0", "canary"]);
    const other = Array.from({ length: STUDIES }, (_, at) => `1.2.826.${at}`).find(
      (uid) => !small.includes(uid),
    );
    expect(given([choice("2.0.0", 10)], other)).toEqual(["1.10.0", "stable"]);
  });

  it("is never the canary's for a backfill", () => {
    for (const uid of shareOf(99)) {
      expect(given([choice("2.0.0", 99)], uid, "backfill")).toEqual(["1.10.0", "stable"]);
    }
  });

  it("is the stable one where the canary is not installed any more, and the newest without both", () => {
    const canary = { ...choice("3.0.0", 99) };
    expect(given([canary])).toEqual(["1.10.0", "stable"]);
    expect(given([{ ...canary, stable_version: "0.1.0" }])).toEqual(["2.0.0", null]);
  });
});
