import type { Canary, CanaryFigures } from "@axial/contracts";
import { table } from "../output.ts";

/** A canary with what it and the rest of the traffic answered. */
export function canaryLines({ model, percent, since, stable, canary }: Canary): string[] {
  const what =
    canary === null
      ? `held at ${stable.version}`
      : `${percent} % get ${canary.version}, the rest ${stable.version}`;
  const missing = [stable, canary].flatMap((arm) =>
    arm === null || arm.installed ? [] : [`  ${arm.version} is not installed`],
  );
  return [
    `${model}: ${what}, since ${since}`,
    ...missing,
    ...(canary === null ? [] : [table([row("stable", stable), row("canary", canary)])]),
  ];
}

function row(arm: string, figures: CanaryFigures): Record<string, string> {
  const { predictions, labels } = figures;
  const shares = Object.entries(labels)
    .toSorted((a, b) => b[1] - a[1])
    .map(([label, count]) => `${label} ${((count / predictions) * 100).toFixed(1)} %`);
  return {
    arm,
    version: figures.version,
    predictions: String(predictions),
    refusals: String(figures.refusals),
    failures: String(figures.failures),
    unfinished: String(figures.unfinished),
    median: figures.medianMs === null ? "–" : `${Math.round(figures.medianMs)} ms`,
    labels: shares.join(", "),
  };
}
