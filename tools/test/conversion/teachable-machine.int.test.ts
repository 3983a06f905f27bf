import { loadModelPackage, openSession, verifyGolden } from "@axial/inference";
import { needs, sharedData } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importTfjs } from "../../src/conversion/index.ts";
import { Workplace } from "./exports.ts";

const source = sharedData("teachable-machine");
const images = sharedData("brain-tumour/glioma-coronal");

describe("a real Teachable Machine export", needs("a Teachable Machine export"), () => {
  let place: Workplace;
  beforeAll(async () => {
    place = await Workplace.open();
  });
  afterAll(() => place.close());

  it("is converted, and answers as TensorFlow.js does on generated and real images", async () => {
    const found = await importTfjs(place.options(source ?? "", { images: images ?? "" }));
    expect(found).toMatchObject({
      runtime: "onnx",
      labels: ["healthy-brain", "brain-tumor-detect"],
      explanation: "grad-cam",
    });
    expect(found.parity?.images).toBeGreaterThan(20);
    expect(found.parity?.worst).toBeLessThan(1e-4);
    const pkg = await loadModelPackage(found.folder);
    expect(pkg.manifest.preprocessing.resize.policy).toBe("centre-crop");
    const session = await openSession(pkg, { providers: ["cpu"], threads: 1 });
    await verifyGolden(session, pkg);
    await session.close();
  }, 600_000);
});
