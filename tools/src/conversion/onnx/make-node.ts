import {
  DATA_TYPE,
  FIELD,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
} from "./onnx-graph.ts";
import { bytesField, floatField, intField, joined } from "./protobuf-writer.ts";

/** Numbers of AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

/** Integers and lists of them as they are; floats wrapped, since JavaScript cannot tell. */
export type AttributeValue = number | readonly number[] | { readonly float: number };

/** A node of the default operator set. */
export function makeNode(
  op: string,
  wiring: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  attributes: Readonly<Record<string, AttributeValue>> = {},
): OnnxNode {
  return {
    op,
    ...wiring,
    attributes: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
    rest: new Uint8Array(),
  };
}

function makeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  const { attribute } = FIELD;
  const parts = [bytesField(attribute.name, name)];
  if (typeof value === "number") {
    parts.push(intField(attribute.int, value), intField(attribute.type, ATTRIBUTE_TYPE.int));
  } else if ("float" in value) {
    parts.push(floatField(attribute.float, value.float));
    parts.push(intField(attribute.type, ATTRIBUTE_TYPE.float));
  } else {
    parts.push(...value.map((one) => intField(attribute.ints, one)));
    parts.push(intField(attribute.type, ATTRIBUTE_TYPE.ints));
  }
  return { name, message: joined(parts) };
}

export function floatTensor(
  name: string,
  dims: readonly number[],
  values: Float32Array,
): OnnxTensor {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return makeTensor({ name, dataType: DATA_TYPE.float32, dims }, bytes);
}

export function intTensor(name: string, values: readonly number[]): OnnxTensor {
  const longs = BigInt64Array.from(values, BigInt);
  const shape = { name, dataType: DATA_TYPE.int64, dims: [values.length] };
  return makeTensor(shape, new Uint8Array(longs.buffer));
}

function makeTensor(shape: Omit<OnnxTensor, "message">, raw: Uint8Array): OnnxTensor {
  const message = joined([
    ...shape.dims.map((size) => intField(FIELD.tensor.dims, size)),
    intField(FIELD.tensor.dataType, shape.dataType),
    bytesField(FIELD.tensor.name, shape.name),
    bytesField(FIELD.tensor.rawData, raw),
  ]);
  return { ...shape, message };
}
