import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelReference, QUALITY_FIGURES } from "@axial/contracts";
import { TINY_MODELS } from "@axial/testkit";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evaluateModel } from "../../src/evaluate/index.ts";

const FOLDER = join(TINY_MODELS, "tiny-brain/1.0.0");

describe("an evaluation", () => {
  let images: string;
  beforeEach(async () => {
    images = await mkdtemp(join(tmpdir(), "axial-test-images-"));
    for (const [label, grey] of Object.entries({ bright: 235, dark: 12 })) {
      await mkdir(join(images, label));
      for (const index of [0, 1, 2]) {
        await writeFile(join(images, label, `${index}.png`), await disc(grey, index));
      }
    }
  });
  afterEach(() => rm(images, { recursive: true, force: true }));

  it("scores a folder of images with the engine, and draws what it found", async () => {
    await writeFile(join(images, "dark", "broken.png"), "no image");
    const out = join(images, "out");
    const seen: number[] = [];
    const options = { folder: FOLDER, images, out };
    const report = await evaluateModel({ ...options, onProgress: (done) => seen.push(done) });
    expect(report.count).toBe(6);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(report.skipped).toEqual([{ file: "dark/broken.png", code: "undecodable" }]);
    expect(report.perClass.map(({ support }) => support)).toEqual([3, 3, 0]);
    expect(report.confusionMatrix.flat().reduce((a, b) => a + b)).toBe(6);
    const written = JSON.parse(await readFile(join(out, "evaluation.json"), "utf8"));
    expect(written.accuracy).toBe(report.accuracy);
    for (const figure of ["confusion-appearance.png", "roc-appearance.png"]) {
      expect((await sharp(join(out, figure)).metadata()).format).toBe("png");
    }
  });

  it("says how sure the figures are, and puts them on a page", async () => {
    const rows = ["bright", "dark"].flatMap((label) =>
      [0, 1, 2].map((index) => `${label}/${index}.png,${label},${index < 2 ? label : index}`),
    );
    const labels = join(images, "labels.csv");
    await writeFile(labels, ["file,label,group", ...rows].join("\n"));
    const page = join(images, "report.html");
    const report = await evaluateModel({
      ...{ folder: FOLDER, images, labels },
      ...{ report: page, explain: true },
    });
    // Two images a label in one group, the third of both labels in another.
    expect(report.intervals).toMatchObject({ groups: 3 });
    const [low, high] = report.intervals.accuracy;
    expect(low).toBeLessThanOrEqual(report.accuracy);
    expect(high).toBeGreaterThanOrEqual(report.accuracy);
    expect(report.ece).toBeGreaterThanOrEqual(0);
    expect(report.calibration.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    expect(report.explanation).toMatchObject({ images: 6 });
    const html = await readFile(page, "utf8");
    expect(html.match(/<svg /g)).toHaveLength(3);
    expect(html).toContain("expected calibration error");
    expect(html).not.toMatch(/(src|href)=/);
  });

  it("makes of the results a reference for drift, and none of too few", async () => {
    const options = { folder: FOLDER, images, referenceOn: "discs" };
    await expect(evaluateModel(options)).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("100 images or more; 6 have a result"),
    });
    const bright = await disc(235, 0);
    for (let index = 3; index < 100; index++) {
      await writeFile(join(images, "bright", `${index}.png`), bright);
    }
    const { reference, count } = await evaluateModel(options);
    expect(count).toBe(103);
    expect(reference).toMatchObject({ measuredOn: "discs", of: "image", results: 103 });
    const figures: ModelReference["figures"] = reference?.figures ?? {};
    for (const figure of ["score", "input-mean", "input-deviation"] as const) {
      const counts = figures[figure] ?? [];
      expect(counts).toHaveLength(QUALITY_FIGURES[figure].bins);
      expect(counts.reduce((sum, count) => sum + count)).toBe(103);
      // Nearly all images are one and the same.
      expect(Math.max(...counts)).toBeGreaterThanOrEqual(98);
    }
    const light = (figures["input-mean"] ?? []).findIndex((count) => count >= 98);
    // A ninth of the pixels is black.
    expect(light / QUALITY_FIGURES["input-mean"].bins).toBeGreaterThan(0.5);
  });

  it("names the rows whose files are missing", async () => {
    const labels = join(images, "labels.csv");
    await writeFile(labels, "file,label\ndark/0.png,dark\ndark/nine.png,dark\n");
    await expect(evaluateModel({ folder: FOLDER, images, labels })).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(/^files are missing: row 3 \(.*dark\/nine.png\)$/),
    });
  });

  it("says so when there is nothing to evaluate", async () => {
    const nothing = evaluateModel({ folder: FOLDER, images, split: "test" });
    await expect(nothing).rejects.toThrow("no labelled image");
  });
});

function disc(grey: number, seed: number): Promise<Buffer> {
  const pixels = Uint8Array.from({ length: 64 * 64 }, (_, index) =>
    index % (9 + seed) ? grey : 0,
  );
  return sharp(pixels, { raw: { width: 64, height: 64, channels: 1 } })
    .png()
    .toBuffer();
}
