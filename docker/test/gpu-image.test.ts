import { describe, expect, it } from "vitest";
import { compiledAgainst, tensorrtProblems } from "../gpu/tensorrt-version.ts";

/** Machine code in which a version, or something that looks like one, is handed over. */
function code(...versions: readonly number[]): Buffer {
  const moves = versions.map((version) => {
    const move = Buffer.from([0xbe, 0, 0, 0, 0]);
    move.writeUInt32LE(version, 1);
    return move;
  });
  return Buffer.concat([Buffer.from("\x7fELF"), ...moves, Buffer.from([0xe8, 0xbe])]);
}

describe("TensorRT in the GPU image", () => {
  const provider = code(7, 101_401, 112_895, 101_401);

  it("is held to the version that the provider was compiled against", () => {
    expect(compiledAgainst(provider, 10)).toBe(101_401);
    expect(tensorrtProblems(provider, "/usr/lib/libnvinfer.so.10.14.1")).toEqual([]);
    expect(tensorrtProblems(provider, "/usr/lib/libnvinfer.so.10.16.0")).toEqual([]);
    expect(tensorrtProblems(provider, "/usr/lib/libnvinfer.so.10.13.3")).toEqual([
      "compiled against TensorRT 101401, which is newer than /usr/lib/libnvinfer.so.10.13.3",
    ]);
  });

  it("is a problem when its version cannot be told", () => {
    expect(tensorrtProblems(provider, "/usr/lib/libnvinfer.so.10")).toHaveLength(1);
    expect(() => compiledAgainst(code(7), 10)).toThrow("cannot tell");
    expect(() => compiledAgainst(code(101_401, 101_303), 10)).toThrow("cannot tell");
  });
});
