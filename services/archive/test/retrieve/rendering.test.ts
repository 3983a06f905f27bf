import { expect, test } from "vitest";
import { requestedRange } from "../../src/retrieve/conditional.ts";
import { listedFrames } from "../../src/retrieve/frames.ts";
import { renderOptions } from "../../src/retrieve/rendering.ts";

test("rendering parameters", () => {
  const window = { kind: "window", center: -40.5, width: 400, shape: "LINEAR" };
  expect(renderOptions({}, "image/png")).toEqual({ format: "png" });
  expect(renderOptions({ window: "-40.5,400,linear", quality: "50" }, "image/jpeg")).toEqual({
    format: "jpeg",
    quality: 50,
    window,
  });
  expect(renderOptions({ window: "-40.5,400" }, "image/png").window).toEqual(window);
  expect(renderOptions({ viewport: "64,32" }, "image/png").viewport).toEqual({
    width: 64,
    height: 32,
  });
  expect(renderOptions({ viewport: "64,32,1,2,-10,20" }, "image/png").viewport?.region).toEqual({
    left: 1,
    top: 2,
    width: -10,
    height: 20,
  });
});

test.each([
  { window: "1" },
  { window: "1,0" },
  { window: "1,2,cubic" },
  { window: "a,b,linear" },
  { quality: "0" },
  { quality: "high" },
  { viewport: "64" },
  { viewport: "99999,1" },
  { viewport: "64,64,0,0" },
  { viewport: "64,64,-1,0,5,5" },
])("%o is refused", (query) => {
  const code = "invalid-request";
  expect(() => renderOptions(query, "image/jpeg")).toThrow(expect.objectContaining({ code }));
});

test("lists of frames", () => {
  expect(listedFrames("1,3", { frames: 3 })).toEqual([0, 2]);
  for (const list of ["0", "1,,2", "a", "", "-1", "1.5"]) {
    const code = "invalid-request";
    expect(() => listedFrames(list, { frames: 3 })).toThrow(expect.objectContaining({ code }));
  }
  const code = "not-found";
  expect(() => listedFrames("4", { frames: 3 })).toThrow(expect.objectContaining({ code }));
});

test("byte ranges", () => {
  const of = (range: string, ifRange?: string) =>
    requestedRange({ headers: { range, "if-range": ifRange } } as never, { size: 10, tag: '"t"' });
  expect(of("bytes=0-3")).toEqual({ start: 0, end: 4 });
  expect(of("bytes=4-")).toEqual({ start: 4, end: 10 });
  expect(of("bytes=-3")).toEqual({ start: 7, end: 10 });
  expect(of("bytes=8-99")).toEqual({ start: 8, end: 10 });
  expect(of("bytes=10-")).toBe("unsatisfiable");
  expect(of("bytes=0-1,3-4")).toBeNull();
  expect(of("bytes=5-2")).toBeNull();
  expect(of("bytes=0-3", '"other"')).toBeNull();
  expect(of("bytes=0-3", '"t"')).toEqual({ start: 0, end: 4 });
});
