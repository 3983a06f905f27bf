import type { TaskResult } from "@axial/contracts";

const PARTS = ["domain", "certainty", "stack", "excluded", "laterality"] as const;
type Parts = Pick<TaskResult, (typeof PARTS)[number]>;

/** The optional parts of a result besides its distributions. */
export function resultParts(result: TaskResult): Parts {
  return Object.fromEntries(
    PARTS.flatMap((name) => (result[name] === undefined ? [] : [[name, result[name]]])),
  );
}
