/** Numbers of TensorProto.DataType in onnx.proto. */
export const DATA_TYPE = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 } as const;

/** A tensor stored in the file; `message` is its TensorProto. */
export interface OnnxTensor {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly message: Uint8Array;
}

/** An attribute of a node; `message` is its AttributeProto. */
export interface OnnxAttribute {
  readonly name: string;
  readonly message: Uint8Array;
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
  /** Other fields of the NodeProto, carried over as they are. */
  readonly rest: Uint8Array;
}

/** An input or output: sizes that are free have names. */
export interface OnnxValue {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly (number | string)[];
}

/**
 * An ONNX model so far as importing reads and changes it; `rest` and `graphRest` are the fields of
 * ModelProto and GraphProto that are carried over as they are.
 */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly graphRest: Uint8Array;
  readonly rest: Uint8Array;
}

/** Field numbers of onnx.proto3, of the messages that are read and written here. */
export const FIELD = {
  model: { irVersion: 1, producer: 2, graph: 7, opsetImport: 8 },
  opset: { version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13 },
  node: { input: 1, output: 2, op: 4, attribute: 5 },
  attribute: { name: 1, float: 2, int: 3, string: 4, ints: 8, type: 20 },
  tensor: { dims: 1, dataType: 2, intData: 7, name: 8, rawData: 9 },
  value: { name: 1, type: 2 },
  type: { tensor: 1 },
  tensorType: { elementType: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { value: 1, name: 2 },
} as const;
