import { type KubernetesObject, listAt, ofKind, textAt } from "./kubernetes-object.ts";

export interface DoorRoute {
  readonly path: RegExp;
  /** Methods that it takes; null means any. */
  readonly methods: readonly string[] | null;
  readonly service: string;
}

/** The ingress's routes in the order in which ingress-nginx tries patterns: the longest first. */
export function ingressRoutes(objects: readonly KubernetesObject[]): DoorRoute[] {
  return ofKind(objects, "Ingress")
    .flatMap((ingress) => listAt(ingress, "spec.rules"))
    .flatMap((rule) => listAt(rule, "http.paths"))
    .map((route) => ({
      path: textAt(route, "path") ?? "",
      service: textAt(route, "backend.service.name") ?? "",
    }))
    .toSorted((a, b) => b.path.length - a.path.length)
    .map(({ path, service }) => ({ path: new RegExp(`^${path}`, "i"), methods: null, service }));
}

/** The service that a request is routed to, or null. */
export function leadsTo(
  routes: readonly DoorRoute[],
  { method, path }: { readonly method: string; readonly path: string },
): string | null {
  const route = routes.find(
    (each) => each.path.test(path) && (each.methods?.includes(method) ?? true),
  );
  return route?.service ?? null;
}
