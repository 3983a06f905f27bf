import { EXCLUSIONS, refusalTitle } from "@axial/contracts";
import type { Explanation } from "@axial/gateway";

/** What the planner would do with one series and one model: per stack what is used, and why not. */
export function explanationLines(explanation: Explanation): string[] {
  const { seriesUid, model, decision, answers, slices, of } = explanation;
  const outcome =
    decision === "task"
      ? `${answers === 1 ? "task" : `${answers} tasks`}, ${slices.length} of ${of} slices`
      : `refused: ${decision} (${refusalTitle(decision)})`;
  return [
    `${seriesUid}  ${model}  ${outcome}`,
    ...explanation.stacks.map(stackLine),
    ...Object.entries(explanation.excluded).map(
      ([reason, count]) => `    left out   ${count} ${reason}: ${why(reason)}`,
    ),
    ...(explanation.turned > 0 ? [`    turned     ${explanation.turned} of ${slices.length}`] : []),
    ...(explanation.laterality === null ? [] : [`    laterality ${explanation.laterality}`]),
    ...(decision === "task" ? [] : factLines(explanation)),
  ];
}

function stackLine({ description, order, slices, chosen }: Explanation["stacks"][number]): string {
  const ordered = order === "none" ? "in no known order" : `ordered by ${order}`;
  const used = chosen ? "chosen" : "not chosen";
  return `    stack      ${description} of ${slices} slices, ${ordered}: ${used}`;
}

function why(reason: string): string {
  const told = Object.entries(EXCLUSIONS).find(([name]) => name === reason);
  return told === undefined ? refusalTitle(reason) : told[1];
}

/** What was left out is told above. */
function factLines({ facts }: Explanation): string[] {
  return Object.entries(facts)
    .filter(([name]) => name !== "excluded")
    .map(([name, value]) => `    ${name}: ${Array.isArray(value) ? value.join("; ") : value}`);
}
