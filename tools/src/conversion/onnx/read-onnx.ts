import { type Field, fieldsOf, varintsOf } from "@axial/inference";
import {
  DATA_TYPE,
  FIELD,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./onnx-graph.ts";
import { bytesField, intField, joined } from "./protobuf-writer.ts";

/**
 * Reads an ONNX file that `inspectOnnx` has let through. What was inferred about values inside the
 * graph (`value_info`) is dropped: it may speak of another batch size.
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model = new Message(bytes);
  const graph = new Message(model.bytes(FIELD.model.graph) ?? new Uint8Array());
  const { node, initializer, input, output, valueInfo } = FIELD.graph;
  return {
    nodes: graph.all(node).map(readNode),
    initializers: graph.all(initializer).map(readTensor),
    inputs: graph.all(input).map(readValue),
    outputs: graph.all(output).map(readValue),
    graphRest: graph.rest([node, initializer, input, output, valueInfo]),
    rest: model.rest([FIELD.model.graph]),
  };
}

/** Integers of an attribute of `node`: one or a list; null when it has none of that name. */
export function attributeInts(node: OnnxNode, name: string): readonly number[] | null {
  const found = node.attributes.find((attribute) => attribute.name === name);
  if (found === undefined) return null;
  const message = new Message(found.message);
  return [...message.numbers(FIELD.attribute.ints), ...message.numbers(FIELD.attribute.int)];
}

/** Field 2 of AttributeProto as four bytes (little endian); no other byte of such an attribute is this. */
const FLOAT_KEY = FIELD.attribute.float * 8 + 5;

/** The float of an attribute of one float; null when `node` has none of that name. */
export function attributeFloat(node: OnnxNode, name: string): number | null {
  const found = node.attributes.find((attribute) => attribute.name === name)?.message;
  if (found === undefined) return null;
  const at = found.indexOf(FLOAT_KEY);
  if (at === -1 || at + 5 > found.length) return 0;
  return new DataView(found.buffer, found.byteOffset + at + 1, 4).getFloat32(0, true);
}

/** Values of a tensor of 64-bit integers; none when it is of another type. */
export function tensorInts({ dataType, message }: OnnxTensor): readonly number[] {
  if (dataType !== DATA_TYPE.int64) return [];
  const fields = new Message(message);
  const raw = fields.bytes(FIELD.tensor.rawData);
  if (raw === undefined) return fields.numbers(FIELD.tensor.intData);
  return Array.from(new BigInt64Array(Uint8Array.from(raw).buffer), Number);
}

function readNode(bytes: Uint8Array): OnnxNode {
  const message = new Message(bytes);
  const { input, output, op, attribute } = FIELD.node;
  return {
    op: message.text(op),
    inputs: message.all(input).map(text),
    outputs: message.all(output).map(text),
    attributes: message.all(attribute).map(readAttribute),
    rest: message.rest([input, output, op, attribute]),
  };
}

function readAttribute(message: Uint8Array): OnnxAttribute {
  return { name: new Message(message).text(FIELD.attribute.name), message };
}

function readTensor(bytes: Uint8Array): OnnxTensor {
  const message = new Message(bytes);
  return {
    name: message.text(FIELD.tensor.name),
    dataType: message.numbers(FIELD.tensor.dataType)[0] ?? 0,
    dims: message.numbers(FIELD.tensor.dims),
    message: bytes,
  };
}

function readValue(bytes: Uint8Array): OnnxValue {
  const message = new Message(bytes);
  const type = new Message(message.bytes(FIELD.value.type) ?? new Uint8Array());
  const tensor = new Message(type.bytes(FIELD.type.tensor) ?? new Uint8Array());
  const shape = new Message(tensor.bytes(FIELD.tensorType.shape) ?? new Uint8Array());
  return {
    name: message.text(FIELD.value.name),
    dataType: tensor.numbers(FIELD.tensorType.elementType)[0] ?? 0,
    dims: shape.all(FIELD.shape.dimension).map((size) => {
      const dimension = new Message(size);
      const [value] = dimension.numbers(FIELD.dimension.value);
      return value ?? dimension.text(FIELD.dimension.name);
    }),
  };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The fields of a message, by number. */
class Message {
  readonly #fields: readonly Field[];

  constructor(bytes: Uint8Array) {
    this.#fields = [...fieldsOf(bytes)];
  }

  all(id: number): Uint8Array[] {
    return this.#fields.flatMap((field) =>
      field.id === id && field.value instanceof Uint8Array ? [field.value] : [],
    );
  }

  bytes(id: number): Uint8Array | undefined {
    return this.all(id)[0];
  }

  text(id: number): string {
    return text(this.bytes(id) ?? new Uint8Array());
  }

  /** Integers, packed or one by one. */
  numbers(id: number): number[] {
    return this.#fields.flatMap((field) => {
      if (field.id !== id) return [];
      return typeof field.value === "number" ? [field.value] : [...varintsOf(field.value)];
    });
  }

  /** Everything but the fields `known`. */
  rest(known: readonly number[]): Uint8Array {
    return joined(
      this.#fields
        .filter(({ id }) => !known.includes(id))
        .map(({ id, value }) =>
          typeof value === "number" ? intField(id, value) : bytesField(id, value),
        ),
    );
  }
}
