import { AxialError } from "@axial/contracts";
import { type GoldenCase, readGoldenCases } from "../package/golden-cases.ts";
import type { LoadedPackage } from "../package/load-package.ts";
import type { InferenceSession } from "./inference-session.ts";

interface GoldenReport {
  readonly cases: number;
  /** The largest difference over all cases and outputs: absolute up to 1, relative beyond. */
  readonly worst: number;
  readonly tolerance: number;
}

interface Difference {
  readonly where: string;
  readonly by: number;
  readonly expected: number;
  readonly found: number;
}

/**
 * Runs the golden inputs and compares. Throws `golden-mismatch` with the worst value and its error.
 */
export async function verifyGolden(
  session: InferenceSession,
  pkg: LoadedPackage,
): Promise<GoldenReport> {
  const { golden, manifest } = pkg;
  const cases = readGoldenCases(golden, manifest);
  let worst: Difference = { where: "", by: 0, expected: 0, found: 0 };
  for (const golden of cases) {
    const outputs = await session.run(golden.input, golden.images);
    const difference = compare(golden, outputs);
    if (!(difference.by <= worst.by)) worst = difference;
  }
  if (!(worst.by <= golden.tolerance)) {
    throw new AxialError("golden-mismatch", { detail: describe(worst, golden.tolerance, pkg) });
  }
  return { cases: cases.length, worst: worst.by, tolerance: golden.tolerance };
}

/**
 * The worst difference of one case; a value that is missing or not a number is infinitely off.
 * Values beyond 1, which no probability is, are compared by their ratio: a distance has no bound.
 */
function compare(golden: GoldenCase, outputs: Record<string, Float32Array>): Difference {
  let worst: Difference = { where: golden.name, by: 0, expected: 0, found: 0 };
  for (const [name, values] of Object.entries(golden.outputs)) {
    const run = outputs[name];
    values.forEach((expected, index) => {
      const found = run?.[index] ?? Number.NaN;
      const off = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
      const by = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
      const where = `case "${golden.name}", ${name}[${index}]`;
      if (by > worst.by) worst = { where, by, expected, found };
    });
  }
  return worst;
}

function describe(worst: Difference, tolerance: number, { manifest }: LoadedPackage): string {
  const by = worst.by.toPrecision(3);
  const values = `${worst.found.toPrecision(4)} instead of ${worst.expected.toPrecision(4)}`;
  const model = `${manifest.id} ${manifest.version}`;
  return `${model}: ${worst.where} is ${values}, off by ${by}; the tolerance is ${tolerance}`;
}
