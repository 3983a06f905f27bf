import { AxialError } from "@axial/contracts";
import { type Field, fieldsOf } from "./protobuf.ts";

/** Field numbers of onnx.proto3 (IR version 10), of the messages that are walked here. */
const MODEL = { graph: 7, opsetImport: 8, functions: 25 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 } as const;
const FUNCTION = { node: 7 } as const;
const NODE = { attribute: 5 } as const;
const ATTRIBUTE = {
  tensor: 5,
  graph: 6,
  tensors: 10,
  graphs: 11,
  sparse: 22,
  sparses: 23,
} as const;
const TENSOR = { externalData: 13, dataLocation: 14 } as const;
const SPARSE = { values: 1, indices: 2 } as const;
/** Graphs in attributes (If, Loop) nest once or twice in practice. */
const MAX_DEPTH = 16;

/** What a listing says of an ONNX file without loading it. */
export interface OnnxFile {
  /** Version of the default operator set. */
  readonly opset: number;
}

/**
 * Reads the opset and refuses tensors stored outside the file: such a reference is a path that
 * the runtime would follow (path traversal). Throws `invalid-model`.
 */
export function inspectOnnx(bytes: Uint8Array): OnnxFile {
  let [opset, graphs] = [0, 0];
  for (const { id, value } of fieldsOf(bytes)) {
    if (typeof value === "number") continue;
    if (id === MODEL.opsetImport) opset = Math.max(opset, defaultOpset(value));
    if (id === MODEL.functions) walkNodes(value, FUNCTION.node, 0);
    if (id === MODEL.graph) {
      graphs++;
      walkGraph(value, 0);
    }
  }
  if (graphs !== 1) throw invalid("the weights are not an ONNX file");
  return { opset };
}

function defaultOpset(message: Uint8Array): number {
  const fields = [...fieldsOf(message)];
  const domain = fields.find(({ id }) => id === OPSET.domain)?.value;
  if (domain instanceof Uint8Array && domain.length > 0) return 0;
  const version = fields.find(({ id }) => id === OPSET.version)?.value;
  return typeof version === "number" ? version : 0;
}

function walkGraph(graph: Uint8Array, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(`graphs nest deeper than ${MAX_DEPTH}`);
  for (const { id, value } of messages(graph)) {
    if (id === GRAPH.initializer) refuseExternal(value);
    if (id === GRAPH.sparseInitializer) refuseExternalSparse(value);
  }
  walkNodes(graph, GRAPH.node, depth);
}

function walkNodes(parent: Uint8Array, nodeField: number, depth: number): void {
  for (const node of messages(parent)) {
    if (node.id !== nodeField) continue;
    for (const attribute of messages(node.value)) {
      if (attribute.id === NODE.attribute) walkAttribute(attribute.value, depth);
    }
  }
}

function walkAttribute(attribute: Uint8Array, depth: number): void {
  for (const { id, value } of messages(attribute)) {
    if (id === ATTRIBUTE.tensor || id === ATTRIBUTE.tensors) refuseExternal(value);
    if (id === ATTRIBUTE.graph || id === ATTRIBUTE.graphs) walkGraph(value, depth + 1);
    if (id === ATTRIBUTE.sparse || id === ATTRIBUTE.sparses) refuseExternalSparse(value);
  }
}

function refuseExternalSparse(sparse: Uint8Array): void {
  for (const { id, value } of messages(sparse)) {
    if (id === SPARSE.values || id === SPARSE.indices) refuseExternal(value);
  }
}

function refuseExternal(tensor: Uint8Array): void {
  for (const { id, value } of fieldsOf(tensor)) {
    if (id === TENSOR.externalData || (id === TENSOR.dataLocation && value !== 0)) {
      throw invalid("the weights refer to data outside their file");
    }
  }
}

function* messages(bytes: Uint8Array): Generator<{ id: number; value: Uint8Array }> {
  for (const field of fieldsOf(bytes)) if (isMessage(field)) yield field;
}

function isMessage(field: Field): field is { id: number; value: Uint8Array } {
  return field.value instanceof Uint8Array;
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
