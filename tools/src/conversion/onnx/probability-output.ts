import { AxialError } from "@axial/contracts";
import type { ImportOptions } from "../import-options.ts";
import { makeNode } from "./make-node.ts";
import { DATA_TYPE, type OnnxModel, type OnnxValue } from "./onnx-graph.ts";

interface ProbabilityOutput {
  /** The model with this output alone. */
  readonly model: OnnxModel;
  readonly name: string;
  /** Null where the graph leaves their number open. */
  readonly classes: number | null;
}

const OPERATORS = { softmax: "Softmax", sigmoid: "Sigmoid" } as const;
const ACTIVATED = "axial-output/probabilities";

/**
 * The requested output, or the only one, with the requested activation. Throws `invalid-request`
 * when the choice is ambiguous, `invalid-model` for one that is not [N, labels].
 */
export function onnxOutput(
  model: OnnxModel,
  { output: name, activation }: Pick<ImportOptions, "output" | "activation">,
): ProbabilityOutput {
  const output = chosen(model.outputs, name);
  const shape = `[${output.dims.join(", ")}]`;
  if (output.dataType !== DATA_TYPE.float32) {
    throw invalid(`output ${output.name} is of ONNX type ${output.dataType}; float32 is needed`);
  }
  if (output.dims.length !== 0 && output.dims.length !== 2) {
    throw invalid(`output ${output.name} has shape ${shape}; [batch, labels] is needed`);
  }
  const last = output.dims.at(-1);
  const classes = typeof last === "number" && last > 0 ? last : null;
  const dims = ["batch", classes ?? "labels"];
  if (activation === "none") {
    const outputs = [{ ...output, dims }];
    return { model: { ...model, outputs }, name: output.name, classes };
  }
  const wiring = { inputs: [output.name], outputs: [ACTIVATED] };
  const attributes = activation === "softmax" ? { axis: 1 } : {};
  const node = makeNode(OPERATORS[activation], wiring, attributes);
  const outputs = [{ name: ACTIVATED, dataType: DATA_TYPE.float32, dims }];
  return { model: { ...model, nodes: [...model.nodes, node], outputs }, name: ACTIVATED, classes };
}

function chosen(outputs: readonly OnnxValue[], name: string | undefined): OnnxValue {
  const names = outputs.map((output) => output.name);
  const found = name === undefined ? outputs : outputs.filter((output) => output.name === name);
  const [output] = found;
  if (output !== undefined && found.length === 1) return output;
  throw new AxialError("invalid-request", {
    detail: `choose with --output one of the graph's outputs: ${names.join(", ")}`,
  });
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
