import { readFile } from "node:fs/promises";
import { LANES, type Lane } from "@axial/contracts";
import { parse } from "yaml";

/** When a pool grows and shrinks, as in a KEDA ScaledObject, in seconds. */
export interface ScalingRule {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly pollSeconds: number;
  readonly cooldownSeconds: number;
  readonly stabilizationSeconds: number;
  /** Seconds of work per worker, by lane: the lane that asks for most workers decides. */
  readonly targets: readonly { readonly lane: Lane; readonly seconds: number }[];
  readonly upPercent: number;
  readonly upPods: number;
  readonly upEverySeconds: number;
  readonly downPercent: number;
  readonly downEverySeconds: number;
}

interface Policy {
  readonly type: "Percent" | "Pods";
  readonly value: number;
  readonly periodSeconds: number;
}

interface ScaledObject {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly pollingInterval?: number;
    readonly cooldownPeriod?: number;
    readonly minReplicaCount: number;
    readonly maxReplicaCount: number;
    readonly advanced: {
      readonly horizontalPodAutoscalerConfig: {
        readonly behavior: Readonly<
          Record<
            "scaleUp" | "scaleDown",
            { readonly stabilizationWindowSeconds: number; readonly policies: readonly Policy[] }
          >
        >;
      };
    };
    readonly triggers: readonly {
      readonly metadata: { readonly url: string; readonly targetValue: string };
    }[];
  };
}

/** How often the Kubernetes autoscaler looks: KEDA's own intervals only wake a pool that sleeps. */
const AUTOSCALER_EVERY_SECONDS = 15;
/** KEDA's defaults. */
const POLLING_SECONDS = 30;
const COOLDOWN_SECONDS = 300;

/** The rule that a ScaledObject's file states; what is deployed is what is simulated. */
export async function readScalingRule(path: URL): Promise<ScalingRule> {
  const { metadata, spec }: ScaledObject = parse(await readFile(path, "utf8"));
  const { scaleUp, scaleDown } = spec.advanced.horizontalPodAutoscalerConfig.behavior;
  const policy = (policies: readonly Policy[], type: Policy["type"]) =>
    policies.find((candidate) => candidate.type === type);
  const upPercent = policy(scaleUp.policies, "Percent");
  const downPercent = policy(scaleDown.policies, "Percent");
  const pollSeconds =
    spec.minReplicaCount > 0 ? AUTOSCALER_EVERY_SECONDS : (spec.pollingInterval ?? POLLING_SECONDS);
  return {
    name: metadata.name,
    least: spec.minReplicaCount,
    most: spec.maxReplicaCount,
    pollSeconds,
    cooldownSeconds: spec.cooldownPeriod ?? COOLDOWN_SECONDS,
    stabilizationSeconds: scaleDown.stabilizationWindowSeconds,
    targets: spec.triggers.map(({ metadata: { url, targetValue } }) => ({
      lane: laneOf(url),
      seconds: Number(targetValue),
    })),
    upPercent: upPercent?.value ?? 0,
    upPods: policy(scaleUp.policies, "Pods")?.value ?? 0,
    upEverySeconds: upPercent?.periodSeconds ?? pollSeconds,
    downPercent: downPercent?.value ?? 100,
    downEverySeconds: downPercent?.periodSeconds ?? pollSeconds,
  };
}

function laneOf(url: string): Lane {
  const lane = LANES.find((candidate) => url.endsWith(`/scaling/${candidate}`));
  if (lane === undefined) throw new Error(`no lane is asked for by ${url}`);
  return lane;
}

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
