import type { KubernetesObject } from "../kubernetes-object.ts";

/** Violations in a whole overlay, one line each. */
export type Rule = (objects: readonly KubernetesObject[]) => string[];
