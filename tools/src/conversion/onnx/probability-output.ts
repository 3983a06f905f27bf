import { AxialError } from "@axial/contracts";
import { assertClassifies, chooseOutput } from "../choose-output.ts";
import { makeNode } from "./make-node.ts";
import { DATA_TYPE, type OnnxModel } from "./onnx-graph.ts";

interface ProbabilityOutput {
  /** The model with this output alone. */
  readonly model: OnnxModel;
  readonly name: string;
  /** Null where the graph leaves their number open. */
  readonly classes: number | null;
  /** The model with the output as it is, before an activation; null where none is added. */
  readonly raw: { readonly model: OnnxModel; readonly name: string } | null;
}

/** What turns a network's output into probabilities, where it does not do so itself. */
export type FinalActivation = "none" | keyof typeof OPERATORS;

interface OutputOptions {
  /** Output with the probabilities, where the graph has several. */
  readonly output: string | undefined;
  readonly activation: FinalActivation;
}

const OPERATORS = { softmax: "Softmax", sigmoid: "Sigmoid" } as const;
const ACTIVATED = "axial-output/probabilities";

/**
 * The requested output, or the only one, with the requested activation. Throws `invalid-request`
 * when the choice is ambiguous, `invalid-model` for one that is not [N, labels].
 */
export function onnxOutput(
  model: OnnxModel,
  { output: name, activation }: OutputOptions,
): ProbabilityOutput {
  const offered = model.outputs.map((one) => ({ name: one.name, shape: one.dims }));
  const output = model.outputs[chooseOutput(offered, name)];
  if (output === undefined) throw invalid("the graph has no output");
  if (output.dataType !== DATA_TYPE.float32) {
    throw invalid(`output ${output.name} is of ONNX type ${output.dataType}; float32 is needed`);
  }
  assertClassifies({ name: output.name, shape: output.dims });
  const last = output.dims.at(-1);
  const classes = typeof last === "number" && last > 0 ? last : null;
  const dims = ["batch", classes ?? "labels"];
  const raw = { model: { ...model, outputs: [{ ...output, dims }] }, name: output.name };
  if (activation === "none") return { ...raw, classes, raw: null };
  const wiring = { inputs: [output.name], outputs: [ACTIVATED] };
  const attributes = activation === "softmax" ? { axis: 1 } : {};
  const node = makeNode(OPERATORS[activation], wiring, attributes);
  const outputs = [{ name: ACTIVATED, dataType: DATA_TYPE.float32, dims }];
  const activated = { ...model, nodes: [...model.nodes, node], outputs };
  return { model: activated, name: ACTIVATED, classes, raw };
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
