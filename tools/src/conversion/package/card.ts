import { EVIDENCE_STATEMENT, type ModelPackage } from "@axial/contracts";

/** `CARD.md` of an imported model: what is known, what was measured, and why there is no heat map. */
export function cardOf(
  manifest: ModelPackage,
  { notes, unexplained }: { notes: readonly string[]; unexplained: string | null },
): string {
  const { input, heads, explanation, preprocessing } = manifest;
  const labels = heads.flatMap((head) => head.labels.map(({ display }) => display));
  const lines = [
    `# ${manifest.id} ${manifest.version}`,
    "",
    `${manifest.title}. **Evidence: ${manifest.evidence}.** ${EVIDENCE_STATEMENT[manifest.evidence]}`,
    "",
    measuredBy(manifest),
    "",
    `- Runs on: ${manifest.runtime === "onnx" ? "ONNX Runtime" : "TensorFlow.js"}`,
    `- Input: ${input.channels} × ${input.height} × ${input.width}, ${input.dtype}; images are fitted by ${preprocessing.resize.policy}`,
    `- Labels: ${labels.join(", ")}`,
    `- Heat map: ${explanation === undefined ? `none: ${unexplained}` : explanation.method}`,
    `- Licence: ${manifest.licence.weights}`,
    ...notes.map((note) => `- ${note}`),
  ];
  return `${lines.join("\n")}\n`;
}

function measuredBy({ metrics }: ModelPackage): string {
  const figures = Object.entries(metrics.values).map(([name, value]) => `${name} ${value}`);
  return figures.length === 0
    ? "Imported, not trained here, and not yet measured: `npx axial evaluate` does that."
    : `Imported, not trained here. Figures as the importer states them (${metrics.data}): ${figures.join(", ")}.`;
}
