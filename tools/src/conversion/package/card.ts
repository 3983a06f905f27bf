import { EVIDENCE_STATEMENT, type ModelPackage } from "@axial/contracts";

/** `CARD.md` of an imported model: what is known, and that nothing was measured. */
export function cardOf(manifest: ModelPackage, notes: readonly string[]): string {
  const { input, heads, explanation, preprocessing } = manifest;
  const labels = heads.flatMap((head) => head.labels.map(({ display }) => display));
  const lines = [
    `# ${manifest.id} ${manifest.version}`,
    "",
    `${manifest.title}. **Evidence: ${manifest.evidence}.** ${EVIDENCE_STATEMENT[manifest.evidence]}`,
    "",
    "Imported, not trained here, and not yet measured: `npx axial evaluate` does that.",
    "",
    `- Runs on: ${manifest.runtime === "onnx" ? "ONNX Runtime" : "TensorFlow.js"}`,
    `- Input: ${input.channels} × ${input.height} × ${input.width}, ${input.dtype}; images are fitted by ${preprocessing.resize.policy}`,
    `- Labels: ${labels.join(", ")}`,
    `- Heat map: ${explanation === undefined ? "none" : explanation.method}`,
    `- Licence: ${manifest.licence.weights}`,
    ...notes.map((note) => `- ${note}`),
  ];
  return `${lines.join("\n")}\n`;
}
