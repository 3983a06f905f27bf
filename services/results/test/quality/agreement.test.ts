import type { FeedbackCount } from "@axial/store/quality";
import { expect, it } from "vitest";
import { agreementOf } from "../../src/quality/agreement.ts";

const count = (predicted: string, truth: string, verdicts: number, tenth = 8): FeedbackCount => ({
  ...{ model: "m", version: "1.0.0", site: "A", scanner: "B", week: new Date(0) },
  ...{ predicted, truth, tenth, verdicts },
  verdict: predicted === truth ? "agree" : "disagree",
});

it("kappa has an interval, which narrows with more verdicts", () => {
  // The example of Cohen's paper by other numbers: agreement 0.7, by chance 0.5.
  const cells = (times: number) => [
    count("yes", "yes", 20 * times),
    count("yes", "no", 5 * times),
    count("no", "yes", 10 * times),
    count("no", "no", 15 * times),
  ];
  const { kappa } = agreementOf(cells(1));
  expect(kappa?.value).toBeCloseTo(0.4, 10);
  // (0.562 - 0.5) / 0.5 and (0.809 - 0.5) / 0.5, by Wilson's interval of 35 of 50.
  expect(kappa?.lower).toBeCloseTo(0.125, 2);
  expect(kappa?.upper).toBeCloseTo(0.618, 2);
  const more = agreementOf(cells(100)).kappa;
  expect((more?.upper ?? 1) - (more?.lower ?? 0)).toBeLessThan(0.06);
});

it("a calibration error has an interval too, and none is sure of few verdicts", () => {
  const { calibrationError } = agreementOf([count("yes", "yes", 4, 9)]);
  expect(calibrationError?.value).toBeCloseTo(0.05, 10);
  expect(calibrationError?.upper).toBeGreaterThan(0.3);
  const many = agreementOf([count("yes", "yes", 4_000, 9)]).calibrationError;
  expect(many?.upper).toBeLessThan(0.06);
  expect(agreementOf([]).calibrationError).toBeNull();
});
