import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TINY_MODELS } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { inspectOnnx } from "../../src/index.ts";
import { ONNX_SCHEMA } from "../../src/package/onnx-schema.ts";

function varint(value: number): Uint8Array {
  const groups: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) + 128);
  return Uint8Array.of(...groups, rest);
}

/** A length-delimited protobuf field. */
function message(id: number, ...parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(id * 8 + 2), varint(body.length), body]);
}

/** `inside` in every place that a path of field numbers leads to from the model. */
function nested(path: readonly number[], inside: Uint8Array): Uint8Array {
  return path.reduceRight((body, id) => message(id, body), inside);
}

/** Every path of fields from a model to a tensor that passes no message twice. */
function tensorPaths(type: string, passed: readonly string[]): number[][] {
  if (type === "TensorProto") return [[]];
  return Object.entries(ONNX_SCHEMA[type] ?? {}).flatMap(([id, inside]) =>
    inside === null || passed.includes(inside)
      ? []
      : tensorPaths(inside, [...passed, inside]).map((rest) => [Number(id), ...rest]),
  );
}

const PATHS = tensorPaths("ModelProto", ["ModelProto"]);
const EMPTY_GRAPH = message(7);

const EXTERNAL_TENSOR = Buffer.concat([
  Uint8Array.of(14 * 8, 1),
  message(13, message(1, Buffer.from("location")), message(2, Buffer.from("../../etc/passwd"))),
]);

/**
 * A whole model whose function takes a Constant from the default of its attribute, which lies in
 * `secret.txt` of the working directory: ONNX Runtime 1.30 returns the file's first six bytes.
 */
const READS_A_FILE = Buffer.from(
  "CAk6IgoMEgF5IgRMZWFrOgFmEgFnYg8KAXkSCgoICAISBAoCCAZCBAoAEBFCBQoBZhABygF2CgRM" +
    "ZWFrKgF5Oh0SAXkiCENvbnN0YW50Kg4KBXZhbHVloAEEqgEBdkoECgAQEVIBZlpDCgF2KjsIBhAC" +
    "QgF4ahYKCGxvY2F0aW9uEgpzZWNyZXQudHh0agsKBm9mZnNldBIBMGoLCgZsZW5ndGgSATZwAaAB" +
    "BA==",
  "base64",
);

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

  it.each(PATHS.map((path) => [path.join(" → "), path] as const))(
    "is refused when the tensor in fields %s lies outside the file",
    (_name, path) => {
      const graph = path[0] === 7 ? [] : [EMPTY_GRAPH];
      const bytes = Buffer.concat([...graph, nested(path, EXTERNAL_TENSOR)]);
      expect(() => inspectOnnx(bytes)).toThrow("refer to data outside their file");
    },
  );

  it("is refused when a function would read a file of the working directory", () => {
    expect(() => inspectOnnx(READS_A_FILE)).toThrow("refer to data outside their file");
  });

  it("is looked at in functions and in what it is trained from", () => {
    expect(PATHS).toContainEqual([25, 11, 5]);
    expect(PATHS).toContainEqual([20, 1, 5]);
    expect(PATHS.length).toBeGreaterThan(20);
  });

  it("is refused for a field that the schema lacks, or that another reader takes for one", () => {
    const hidden = Buffer.concat([EMPTY_GRAPH, message(99, EXTERNAL_TENSOR)]);
    expect(() => inspectOnnx(hidden)).toThrow("no field 99 in ModelProto");
    // 2^32 added to the key of an initializer: readers with keys of 32 bits see the initializer.
    const key = varint(2 ** 32 + 5 * 8 + 2);
    const aliased = Buffer.concat([key, varint(EXTERNAL_TENSOR.length), EXTERNAL_TENSOR]);
    expect(() => inspectOnnx(message(7, aliased))).toThrow("not an ONNX file");
  });

  it("is refused when it is something else or cut off", async () => {
    const bytes = await readFile(join(TINY_MODELS, "tiny-brain/1.0.0/weights.onnx"));
    expect(() => inspectOnnx(bytes.subarray(0, 700))).toThrow("not an ONNX file");
    expect(() => inspectOnnx(Buffer.from("PK\u0003\u0004 a zip file"))).toThrow("not an ONNX file");
    expect(() => inspectOnnx(new Uint8Array(0))).toThrow("not an ONNX file");
  });
});
