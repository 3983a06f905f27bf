import { EXCLUSIONS, refusalTitle } from "@axial/contracts";
import type { PlanPreview } from "@axial/gateway";

/**
 * What the planner would do with one series and one model: what belongs to no stack, then for each
 * stack what is used, what is left out and why.
 */
export function planPreviewLines(preview: PlanPreview): string[] {
  const { seriesUid, model, decision, answers, slices, of } = preview;
  const outcome =
    decision === "task"
      ? `${answers === 1 ? "task" : `${answers} tasks`}, ${slices.length} of ${of} slices`
      : `refused: ${decision} (${refusalTitle(decision)})`;
  return [
    `${seriesUid}  ${model}  ${outcome}`,
    ...leftOut(preview.excluded).map((line) => `    ${line}`),
    ...preview.stacks.flatMap(stackLines),
    ...(preview.turned > 0 ? [`    turned     ${preview.turned} of ${slices.length}`] : []),
    ...(preview.laterality === null ? [] : [`    laterality ${preview.laterality}`]),
    ...(decision === "task" ? [] : factLines(preview)),
  ];
}

type PreviewedStack = PlanPreview["stacks"][number];

function stackLines(stack: PreviewedStack): string[] {
  const { description, order, slices, unselected, rule } = stack;
  const ordered = order === "none" ? "in no known order" : `ordered by ${order}`;
  return [
    `    stack      ${description} of ${slices} slices, ${ordered}: ${fateOf(stack)}`,
    ...leftOut(stack.excluded).map((line) => `      ${line}`),
    ...(unselected > 0
      ? [`      left out   ${unselected} by the package's slice rule: ${rule}`]
      : []),
  ];
}

function fateOf({ outcome, used }: PreviewedStack): string {
  if (outcome === "task") return `${used} used`;
  return outcome === "other-stack" ? "not chosen" : `refused: ${outcome}`;
}

function leftOut(excluded: Readonly<Record<string, number>>): string[] {
  return Object.entries(excluded).map(
    ([reason, slices]) => `left out   ${slices} ${reason}: ${why(reason)}`,
  );
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
