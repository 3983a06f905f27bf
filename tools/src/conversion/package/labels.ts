import { AxialError, type Label } from "@axial/contracts";

const MAX_LABELS = 10_000;
const COMBINING_MARKS = /\p{M}/gu;
const NOT_IN_IDS = /[^a-z0-9]+/g;
const EDGES = /^-+|-+$/g;

/**
 * Labels from class names: the name as display text, and an id made of its letters. Throws
 * `invalid-model` when a class has no name or shares it with another.
 */
export function labelsOf(names: readonly string[]): Label[] {
  if (names.length > MAX_LABELS) throw invalid(`more than ${MAX_LABELS} labels`);
  const labels = names.map((name, index) => {
    const display = name.trim();
    if (display === "") throw invalid(`label ${index + 1} has no name`);
    return { id: idOf(display) || `class-${index + 1}`, display };
  });
  const twice = labels.find(({ display }, index) =>
    labels.slice(0, index).some((other) => other.display === display),
  );
  if (twice !== undefined) throw invalid(`label "${twice.display}" appears twice`);
  return labels.map((label, index) =>
    labels.slice(0, index).some(({ id }) => id === label.id)
      ? { ...label, id: `${label.id}-${index + 1}` }
      : label,
  );
}

/** Throws `invalid-model` unless there is a label for each output of the network. */
export function assertLabelled(labels: readonly Label[], outputs: number): void {
  if (labels.length === outputs) return;
  throw invalid(`the network has ${outputs} outputs and ${labels.length} labels are given`);
}

function idOf(display: string): string {
  const plain = display.normalize("NFKD").replace(COMBINING_MARKS, "").toLowerCase();
  return plain.replace(NOT_IN_IDS, "-").replace(EDGES, "");
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
