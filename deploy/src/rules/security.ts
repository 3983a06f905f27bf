import { at, listAt, nameOf, ofKind } from "../kubernetes-object.ts";
import { type Container, type Workload, workloadsOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

/** Pods meet the standard "restricted", have a read-only root and no unused token. */
export const restricted: Rule = (objects) =>
  workloadsOf(objects).flatMap((workload) => [
    ...podProblems(workload),
    ...workload.containers.flatMap((container) => containerProblems(workload, container)),
  ]);

function podProblems({ object, podSpec }: Workload): string[] {
  const name = nameOf(object);
  const wants: readonly [boolean, string][] = [
    [at(podSpec, "securityContext.runAsNonRoot") === true, "may run as root"],
    [
      at(podSpec, "securityContext.seccompProfile.type") === "RuntimeDefault",
      "has no seccomp profile",
    ],
    [at(podSpec, "automountServiceAccountToken") === false, "is given a token"],
    [at(podSpec, "hostNetwork") === undefined, "is on the host's network"],
    [at(podSpec, "hostPID") === undefined, "sees the host's processes"],
    [
      listAt(podSpec, "volumes").every((volume) => at(volume, "hostPath") === undefined),
      "mounts a path of the host",
    ],
  ];
  return wants.flatMap(([holds, problem]) => (holds ? [] : [`${name} ${problem}`]));
}

function containerProblems({ object }: Workload, { name, spec }: Container): string[] {
  const context = at(spec, "securityContext");
  const wants: readonly [boolean, string][] = [
    [at(context, "allowPrivilegeEscalation") === false, "may gain privileges"],
    [at(context, "readOnlyRootFilesystem") === true, "may write to its root"],
    [listAt(context, "capabilities.drop").includes("ALL"), "keeps capabilities"],
    [at(context, "privileged") !== true, "is privileged"],
  ];
  return wants.flatMap(([holds, problem]) =>
    holds ? [] : [`${nameOf(object)}, container ${name} ${problem}`],
  );
}

/** Secrets come by reference: an overlay for real use holds none. */
export const noSecretsInside: Rule = (objects) =>
  ofKind(objects, "Secret").map((secret) => `${nameOf(secret)} stands in the manifests`);
