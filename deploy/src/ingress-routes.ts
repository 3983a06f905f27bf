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

/** The routes of an HTTPRoute by precedence: expressions, the longest prefix, then a method. */
export function httpRoutes(objects: readonly KubernetesObject[]): DoorRoute[] {
  return ofKind(objects, "HTTPRoute")
    .flatMap((route) => listAt(route, "spec.rules"))
    .flatMap((rule) =>
      listAt(rule, "matches").map((match) => ({
        value: textAt(match, "path.value") ?? "",
        isPattern: textAt(match, "path.type") === "RegularExpression",
        method: textAt(match, "method"),
        service: textAt(rule, "backendRefs.0.name") ?? "",
      })),
    )
    .toSorted(
      (a, b) =>
        Number(b.isPattern) - Number(a.isPattern) ||
        b.value.length - a.value.length ||
        Number(a.method === null) - Number(b.method === null),
    )
    .map(({ value, isPattern, method, service }) => ({
      path: new RegExp(isPattern ? `^${value}$` : `^${value}(/|$)`),
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
