import type { Check } from "../check.ts";
import { accepted } from "./accepted.ts";
import { deletionCost, drain, eviction, kubelet } from "./disruption.ts";
import { helmTest, install } from "./install.ts";
import { overlay } from "./overlay.ts";
import { policies } from "./policies.ts";
import { preemption } from "./preemption.ts";
import { queries } from "./queries.ts";
import { argo, secondRelease, upgrade } from "./rollouts.ts";
import { outages, scaling } from "./scaling.ts";
import { cstore, study } from "./served.ts";

/** Every check, in the order in which they can be run. */
export const CHECKS: readonly Check[] = [
  accepted,
  install,
  helmTest,
  study,
  cstore,
  policies,
  upgrade,
  queries,
  scaling,
  eviction,
  drain,
  kubelet,
  deletionCost,
  preemption,
  ...outages,
  argo,
  secondRelease,
  overlay,
];
