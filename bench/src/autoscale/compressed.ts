import type { ScalingRule } from "./scaling-rule.ts";

/** The rule with all times divided by `factor`. */
export function compressed(rule: ScalingRule, factor: number): ScalingRule {
  return {
    ...rule,
    pollSeconds: rule.pollSeconds / factor,
    cooldownSeconds: rule.cooldownSeconds / factor,
    stabilizationSeconds: rule.stabilizationSeconds / factor,
    targets: rule.targets.map(({ lane, seconds }) => ({ lane, seconds: seconds / factor })),
    upEverySeconds: rule.upEverySeconds / factor,
    downEverySeconds: rule.downEverySeconds / factor,
  };
}
