import type { Plane, SliceRule } from "@axial/contracts";
import { partFor } from "@axial/imaging";

/** Which places of a stack a package's rule takes, in words: "at most 16 within 110 mm". */
export function describeSliceRule(rule: SliceRule, plane: Plane | null): string {
  switch (rule.kind) {
    case "all":
      return `all, at most ${rule.max}`;
    case "central":
      return `the central ${rule.count}`;
    case "single":
      return "the central one";
    case "spread": {
      const { from, to } = partFor(rule, plane);
      return `at most ${rule.count}, from ${percent(from)} to ${percent(to)} of the extent`;
    }
    case "window": {
      const { millimetres, centre, offset = 0 } = partFor(rule, plane);
      const shift = offset === 0 ? "" : `${offset > 0 ? " + " : " − "}${Math.abs(offset)} mm`;
      return `at most ${rule.count} within ${millimetres} mm around ${percent(centre)} of the extent${shift}`;
    }
  }
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
