import { AxialError } from "@axial/contracts";
import { ONNX_SCHEMA } from "./onnx-schema.ts";
import { fieldsOf } from "./protobuf.ts";

const MODEL = "ModelProto";
const TENSOR = "TensorProto";
/** Field numbers of onnx.proto3. */
const MODEL_FIELDS = { graph: 7, opsetImport: 8 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const TENSOR_FIELDS = { externalData: 13, dataLocation: 14 } as const;
/** Messages inside messages, as protobuf itself limits them; a graph in an attribute takes three. */
const MAX_DEPTH = 100;

/** The messages in which a tensor can lie, at any depth: only these are walked. */
const HOLDERS = holdersOf(TENSOR);

/** What a listing says of an ONNX file without loading it. */
interface OnnxFile {
  /** Version of the default operator set. */
  readonly opset: number;
}

/**
 * Reads the opset and refuses tensors stored outside the file, wherever the schema has one: such a
 * reference is a path that the runtime would follow (path traversal). Refuses fields that the
 * schema does not have, because a tensor may hide in them. Throws `invalid-model`.
 */
export function inspectOnnx(bytes: Uint8Array): OnnxFile {
  let [opset, graphs] = [0, 0];
  for (const { id, value } of fieldsOf(bytes)) {
    if (typeof value === "number") continue;
    if (id === MODEL_FIELDS.opsetImport) opset = Math.max(opset, defaultOpset(value));
    if (id === MODEL_FIELDS.graph) graphs++;
  }
  if (graphs !== 1) throw invalid("the weights are not an ONNX file");
  walk(MODEL, bytes, 0);
  return { opset };
}

function defaultOpset(message: Uint8Array): number {
  const fields = [...fieldsOf(message)];
  const domain = fields.find(({ id }) => id === OPSET.domain)?.value;
  if (domain instanceof Uint8Array && domain.length > 0) return 0;
  const version = fields.find(({ id }) => id === OPSET.version)?.value;
  return typeof version === "number" ? version : 0;
}

function walk(type: string, message: Uint8Array, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(`messages nest deeper than ${MAX_DEPTH}`);
  if (type === TENSOR) refuseExternal(message);
  for (const { id, value } of fieldsOf(message)) {
    const inside = ONNX_SCHEMA[type]?.[id];
    if (inside === undefined) throw invalid(`the schema of ONNX has no field ${id} in ${type}`);
    if (inside === null || typeof value === "number") continue;
    if (HOLDERS.has(inside)) walk(inside, value, depth + 1);
  }
}

function refuseExternal(tensor: Uint8Array): void {
  for (const { id, value } of fieldsOf(tensor)) {
    const external = id === TENSOR_FIELDS.externalData;
    if (external || (id === TENSOR_FIELDS.dataLocation && value !== 0)) {
      throw invalid("the weights refer to data outside their file");
    }
  }
}

/** `type` and every message of the schema that can hold one, at any depth. */
function holdersOf(type: string): ReadonlySet<string> {
  const holders = new Set([type]);
  const holds = (name: string) =>
    Object.values(ONNX_SCHEMA[name] ?? {}).some((inside) => inside !== null && holders.has(inside));
  for (let known = 0; known < holders.size; ) {
    known = holders.size;
    for (const name of Object.keys(ONNX_SCHEMA)) if (holds(name)) holders.add(name);
  }
  return holders;
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
