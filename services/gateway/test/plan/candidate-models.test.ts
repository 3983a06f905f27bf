import { join } from "node:path";
import type { ModelPackage } from "@axial/contracts";
import { readManifest } from "@axial/inference/packages";
import { TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { candidateModels } from "../../src/plan/candidate-models.ts";

describe("the models that are tried on a study", () => {
  let models: ModelPackage[];

  beforeAll(async () => {
    const tiny = await readManifest(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"));
    models = [
      tiny,
      { ...tiny, id: "drawn", evidence: "synthetic" },
      { ...tiny, id: "baseline", onRequest: true },
    ];
  });

  const tried = (requested: string[] | null, syntheticModels = false) =>
    candidateModels(models, requested, { syntheticModels }).map(({ id }) => id);

  it("are those of research data that do not wait to be named", () => {
    expect(tried(null)).toEqual([TINY_MODEL_ID]);
    expect(tried(null, true)).toEqual([TINY_MODEL_ID, "drawn"]);
  });

  it("are those that it names, whatever they are", () => {
    expect(tried(["baseline", "drawn"])).toEqual(["drawn", "baseline"]);
  });
});
