import type { KubernetesObject } from "../kubernetes-object.ts";

/** What is wrong with a whole overlay, one line each; none when it keeps the rule. */
export type Rule = (objects: readonly KubernetesObject[]) => string[];
