import { decodeFrame, instanceFacts, placesOf, readInstance, slicesOf } from "@axial/dicom";
import { PHANTOM_KINDS, phantomSeries } from "@axial/testkit";
import { describe, expect, it } from "vitest";

describe.each(PHANTOM_KINDS)("phantomSeries %s", (kind) => {
  const series = phantomSeries({ kind, slices: 5, size: 64 });
  const facts = series.files.map((file) => instanceFacts(readInstance(file)));

  it("is one series of one study with a plane and an order", () => {
    expect(new Set(facts.map((one) => one.seriesUid))).toEqual(new Set([series.seriesUid]));
    expect(new Set(facts.map((one) => one.studyUid))).toEqual(new Set([series.studyUid]));
    expect(facts[0]?.plane?.name).toBe(kind === "knee" ? "sagittal" : "axial");
    expect(placesOf(facts.flatMap(slicesOf))).toMatchObject({
      order: "position",
      slices: { length: 5 },
    });
  });

  it("holds pixels that decode", async () => {
    const frame = await decodeFrame(readInstance(series.files[2] ?? Buffer.of()), 0);
    expect([frame.rows, frame.columns]).toEqual([64, 64]);
    expect(Math.max(...frame.data)).toBeGreaterThan(2_000);
  });
});

describe("phantomSeries", () => {
  it("draws the same pixels for the same seed", () => {
    const pixelsOf = (seed: number) =>
      Buffer.from(
        phantomSeries({ kind: "brain", slices: 1, size: 32, seed }).files[0]?.subarray(-2048) ?? [],
      );
    expect(pixelsOf(3).equals(pixelsOf(3))).toBe(true);
    expect(pixelsOf(3).equals(pixelsOf(4))).toBe(false);
  });
});
