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

/** The routes of an HTTPRoute in the order of their precedence: longest prefix, then method. */
export function httpRoutes(objects: readonly KubernetesObject[]): DoorRoute[] {
  return ofKind(objects, "HTTPRoute")
    .flatMap((route) => listAt(route, "spec.rules"))
    .flatMap((rule) =>
      listAt(rule, "matches").map((match) => ({
        prefix: textAt(match, "path.value") ?? "",
        method: textAt(match, "method"),
        service: textAt(rule, "backendRefs.0.name") ?? "",
      })),
    )
    .toSorted(
      (a, b) =>
        b.prefix.length - a.prefix.length || Number(a.method === null) - Number(b.method === null),
    )
    .map(({ prefix, method, service }) => ({
      path: new RegExp(`^${prefix}(/|$)`),
      methods: method === null ? null : [method],
      service,
    }));
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
