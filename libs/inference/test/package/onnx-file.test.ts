import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TINY_MODELS } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { inspectOnnx } from "../../src/index.ts";

/** A length-delimited protobuf field. */
function message(id: number, ...parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(id * 8 + 2, body.length), body]);
}

const EXTERNAL_TENSOR = Buffer.concat([
  Uint8Array.of(14 * 8, 1),
  message(13, message(1, Buffer.from("location")), message(2, Buffer.from("../../etc/passwd"))),
]);

describe("an ONNX file", () => {
  it("tells its opset", async () => {
    const bytes = await readFile(join(TINY_MODELS, "tiny-brain/1.0.0/weights.onnx"));
    expect(inspectOnnx(bytes)).toEqual({ opset: 17 });
  });

  it.each([
    ["initializer", message(7, message(5, EXTERNAL_TENSOR))],
    ["sparse initializer", message(7, message(15, message(1, EXTERNAL_TENSOR)))],
    ["attribute of a node", message(7, message(1, message(5, message(5, EXTERNAL_TENSOR))))],
    [
      "graph inside an attribute",
      message(7, message(1, message(5, message(6, message(5, EXTERNAL_TENSOR))))),
    ],
  ])("is refused when its %s lies outside the file", (_where, bytes) => {
    expect(() => inspectOnnx(bytes)).toThrow("refer to data outside their file");
  });

  it("is refused when it is something else or cut off", async () => {
    const bytes = await readFile(join(TINY_MODELS, "tiny-brain/1.0.0/weights.onnx"));
    expect(() => inspectOnnx(bytes.subarray(0, 700))).toThrow("not an ONNX file");
    expect(() => inspectOnnx(Buffer.from("PK\u0003\u0004 a zip file"))).toThrow("not an ONNX file");
    expect(() => inspectOnnx(new Uint8Array(0))).toThrow("not an ONNX file");
  });
});
