import { describe, expect, it } from "vitest";
import { placeOfLikeliest } from "../public/js/slice-strip.mjs";

/** PostgreSQL's jsonb orders keys by their length, which is not the order of the labels. */
const HEAD = { name: "plane", probabilities: { axial: 0.1, coronal: 0.2, sagittal: 0.7 } };

describe("the number under a slice", () => {
  it("is that of the series' label by the model's own order", () => {
    expect(placeOfLikeliest(HEAD, { plane: ["sagittal", "axial", "coronal"] })).toBe(0);
  });

  it("is left out where the order is not known", () => {
    expect(placeOfLikeliest(HEAD, undefined)).toBe(-1);
    expect(placeOfLikeliest(undefined, undefined)).toBe(-1);
  });
});
