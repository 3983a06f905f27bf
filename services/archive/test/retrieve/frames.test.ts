import { describe, expect, it } from "vitest";
import { listedFrames } from "../../src/retrieve/frames.ts";

describe("a list of frames", () => {
  it("is counted from 0, in its order", () => {
    expect(listedFrames("3,1", { frames: 3 })).toEqual([2, 0]);
  });

  it("has each frame once, however often it is named", () => {
    const list = Array.from({ length: 1_000 }, () => "1").join(",");
    expect(listedFrames(list, { frames: 3 })).toEqual([0]);
    expect(listedFrames("2,1,2", { frames: 3 })).toEqual([1, 0]);
  });

  it("is refused when it is none, or names a frame that is not there", () => {
    for (const list of ["", "1,", "0", "-1", "1e3", "a"]) {
      expect(() => listedFrames(list, { frames: 3 })).toThrow("as in 1,2,3");
    }
    expect(() => listedFrames("4", { frames: 3 })).toThrow("3 frames");
  });
});
