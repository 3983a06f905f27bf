import { EXCLUSIONS, refusalTitle } from "@axial/contracts";
import type { PlanPreview } from "@axial/gateway";

/** What the planner would do with one series and one model: per stack what is used, and why not. */
export function planPreviewLines(preview: PlanPreview): string[] {
  const { seriesUid, model, decision, answers, slices, of } = preview;
  const outcome =
    decision === "task"
      ? `${answers === 1 ? "task" : `${answers} tasks`}, ${slices.length} of ${of} slices`
      : `refused: ${decision} (${refusalTitle(decision)})`;
  return [
    `${seriesUid}  ${model}  ${outcome}`,
    ...preview.stacks.map(stackLine),
    ...Object.entries(preview.excluded).map(
      ([reason, count]) => `    left out   ${count} ${reason}: ${why(reason)}`,
    ),
    ...(preview.turned > 0 ? [`    turned     ${preview.turned} of ${slices.length}`] : []),
    ...(preview.laterality === null ? [] : [`    laterality ${preview.laterality}`]),
    ...(decision === "task" ? [] : factLines(preview)),
  ];
}

function stackLine({ description, order, slices, chosen }: PlanPreview["stacks"][number]): string {
  const ordered = order === "none" ? "in no known order" : `ordered by ${order}`;
  const used = chosen ? "chosen" : "not chosen";
  return `    stack      ${description} of ${slices} slices, ${ordered}: ${used}`;
}

function why(reason: string): string {
  const told = Object.entries(EXCLUSIONS).find(([name]) => name === reason);
  return told === undefined ? refusalTitle(reason) : told[1];
}

/** What was left out is told above. */
function factLines({ facts }: PlanPreview): string[] {
  return Object.entries(facts)
    .filter(([name]) => name !== "excluded")
    .map(([name, value]) => `    ${name}: ${Array.isArray(value) ? value.join("; ") : value}`);
}
