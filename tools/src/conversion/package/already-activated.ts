import { AxialError } from "@axial/contracts";
import type { OnnxModel, OnnxNode } from "../onnx/onnx-graph.ts";
import type { FinalActivation } from "../onnx/probability-output.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { type Draft, opened, runEach, SUM_TOLERANCE, uncheckedPackage } from "./draft-package.ts";
import { patterns } from "./patterns.ts";

/** A network and the name of its output, as they are before an activation is added. */
interface RawOutput {
  readonly model: OnnxModel;
  readonly name: string;
}

/** Values of these lie between 0 and 1. */
const PROBABILITIES: ReadonlySet<string> = new Set(["Softmax", "Sigmoid", "HardSigmoid"]);
const NOTHING: ReadonlySet<string> = new Set(["Identity", "Cast", "Dropout"]);

/**
 * Throws `invalid-request` where the network makes probabilities itself: a second activation would
 * flatten them (softmax of 0.98 and 0.02 is 0.72 and 0.28). The network says so by its last
 * operation, or by rows that add up to one on every generated image.
 */
export async function assertNotActivated(
  activation: FinalActivation,
  { draft, raw }: { draft: Draft; raw: RawOutput },
): Promise<void> {
  const last = lastOperation(raw.model.nodes, raw.name);
  if (last !== undefined && PROBABILITIES.has(last.op)) {
    throw twice(activation, `it ends in ${last.op}`);
  }
  const { length: labels } = draft.facts.labels;
  if (activation === "softmax" && labels === 1) {
    throw new AxialError("invalid-request", {
      detail: "--activation softmax of a single output is always 1; a single logit needs sigmoid",
    });
  }
  if (labels > 1 && (await sumToOne(draft, raw))) {
    throw twice(activation, "its outputs add up to 1 on every generated image");
  }
}

async function sumToOne(draft: Draft, { model, name }: RawOutput): Promise<boolean> {
  const facts = { ...draft.facts, output: name, explanation: null };
  const plain = { ...draft, facts, weights: writeOnnx(model) };
  const session = await opened(uncheckedPackage(plain), plain);
  try {
    const rows = await runEach(session, plain, patterns(draft.facts.input));
    return rows.every(
      (row) =>
        row.every((value) => value >= 0 && value <= 1) &&
        Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < SUM_TOLERANCE,
    );
  } finally {
    await session.close();
  }
}

function lastOperation(nodes: readonly OnnxNode[], output: string): OnnxNode | undefined {
  const made = nodes.find(({ outputs }) => outputs.includes(output));
  const [input] = made?.inputs ?? [];
  return made !== undefined && input !== undefined && NOTHING.has(made.op)
    ? lastOperation(nodes, input)
    : made;
}

function twice(activation: FinalActivation, why: string): AxialError {
  return new AxialError("invalid-request", {
    detail: `the network already returns probabilities (${why}); ${activation} over them would flatten them. Use --activation none`,
  });
}
