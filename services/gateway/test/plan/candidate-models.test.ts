import { join } from "node:path";
import type { ModelPackage } from "@axial/contracts";
import { readManifest } from "@axial/inference/packages";
import type { CanaryRow } from "@axial/store/canaries";
import { TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { candidateModels } from "../../src/plan/candidate-models.ts";
import { versionsInUse } from "../../src/plan/versions-in-use.ts";

describe("the models that are tried on a study", () => {
  let models: ModelPackage[];

  beforeAll(async () => {
    const tiny = await readManifest(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"));
    models = [
      tiny,
      { ...tiny, version: "0.9.0" },
      { ...tiny, id: "drawn", evidence: "synthetic" },
      { ...tiny, id: "baseline", onRequest: true },
    ];
  });

  const tried = (requested: string[] | null, syntheticModels = false) => {
    const offer = versionsInUse(models, [], { uid: "1.2.3", lane: "routine" });
    return candidateModels(offer, requested, { syntheticModels }).map(
      ({ model: { id, version } }) => `${id}@${version}`,
    );
  };

  it("are those of research data that do not wait to be named", () => {
    expect(tried(null)).toEqual([`${TINY_MODEL_ID}@1.0.0`]);
    expect(tried(null, true)).toEqual([`${TINY_MODEL_ID}@1.0.0`, "drawn@1.0.0"]);
  });

  it("are those that it names, whatever they are", () => {
    expect(tried(["baseline", "drawn"])).toEqual(["drawn@1.0.0", "baseline@1.0.0"]);
  });

  it("are the versions that it names, each once", () => {
    const [old, newest] = [`${TINY_MODEL_ID}@0.9.0`, `${TINY_MODEL_ID}@1.0.0`];
    expect(tried([old])).toEqual([old]);
    expect(tried([newest, old])).toEqual([newest, old]);
    expect(tried([TINY_MODEL_ID, newest])).toEqual([newest]);
    expect(tried([`${TINY_MODEL_ID}@7.0.0`])).toEqual([]);
  });

  it("are one of each model that answers, in use or the newest, and its shadows", () => {
    const canary = {
      ...{ model_id: TINY_MODEL_ID, since: new Date() },
      ...{ stable_version: "0.9.0", canary_version: null, percent: null },
    };
    const arms = (requested: string[], canaries: CanaryRow[] = []) => {
      const offer = versionsInUse(models, canaries, { uid: "1.2.3", lane: "backfill" });
      return candidateModels(offer, requested, { syntheticModels: false }).map(
        ({ model: { version }, arm }) => [version, arm],
      );
    };
    const [old, newest] = [`${TINY_MODEL_ID}@0.9.0`, `${TINY_MODEL_ID}@1.0.0`];
    expect(arms([old])).toEqual([["0.9.0", null]]);
    expect(arms([old, newest])).toEqual([
      ["1.0.0", null],
      ["0.9.0", "shadow"],
    ]);
    expect(arms([newest, old], [canary])).toEqual([
      ["1.0.0", "shadow"],
      ["0.9.0", null],
    ]);
    models.push({ ...(models[0] as ModelPackage), version: "2.0.0" });
    // Neither is in use.
    expect(arms([newest, old])).toEqual([
      ["1.0.0", null],
      ["0.9.0", "shadow"],
    ]);
    models.pop();
  });
});
