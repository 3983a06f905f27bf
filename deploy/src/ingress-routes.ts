import { type KubernetesObject, listAt, ofKind, textAt } from "./kubernetes-object.ts";

export interface IngressRoute {
  readonly path: RegExp;
  readonly service: string;
}

/** The ingress's routes in the order in which ingress-nginx tries patterns: the longest first. */
export function ingressRoutes(objects: readonly KubernetesObject[]): IngressRoute[] {
  return ofKind(objects, "Ingress")
    .flatMap((ingress) => listAt(ingress, "spec.rules"))
    .flatMap((rule) => listAt(rule, "http.paths"))
    .map((route) => ({
      path: textAt(route, "path") ?? "",
      service: textAt(route, "backend.service.name") ?? "",
    }))
    .toSorted((a, b) => b.path.length - a.path.length)
    .map(({ path, service }) => ({ path: new RegExp(`^${path}`), service }));
}

/** The service that a path leads to; null where it leads nowhere. */
export function leadsTo(routes: readonly IngressRoute[], path: string): string | null {
  return routes.find((route) => route.path.test(path))?.service ?? null;
}
