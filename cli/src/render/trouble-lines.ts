import type { StudyState, StudyView } from "@axial/contracts";

const TROUBLED: readonly StudyState[] = ["complete-with-failures", "failed", "held", "cancelled"];

/** Whether part of the study has no answer and needs an operator to get one. */
export function isTroubled({ state, failures, rerun }: StudyView): boolean {
  return TROUBLED.includes(state) || failures.length > 0 || rerun?.state === "rerun failed";
}

/** What has no answer, a line each: dead tasks by the id under which `axial dlq` knows them. */
export function troubleLines({ failures, rerun }: StudyView): string[] {
  const dead = failures.map(
    ({ task, run, model, series, code }) =>
      `died: task ${task} of run ${run}, ${model} on series ${series}: ${code} (axial dlq list)`,
  );
  if (rerun === null) return dead;
  const why = rerun.reason === undefined ? "" : `: ${rerun.reason}`;
  return [...dead, `run ${rerun.run}: ${rerun.state}${why}; shown is the answer before it`];
}
