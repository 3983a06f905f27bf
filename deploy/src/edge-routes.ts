import type { IngressRoute } from "./ingress-routes.ts";

const RULE = /^ +use_backend (\S+) if \{ path_reg (\S+) \}$/gm;
const DEFAULT = /^ +default_backend (\S+)$/m;

/** The routes of compose's edge, in the order in which HAProxy tries them. */
export function edgeRoutes(config: string): IngressRoute[] {
  const rules = [...config.matchAll(RULE)].map(([, backend = "", path = ""]) => ({
    path: new RegExp(path),
    service: `axial-${backend}`,
  }));
  const rest = DEFAULT.exec(config)?.[1];
  return rest === undefined ? rules : [...rules, { path: /^/, service: `axial-${rest}` }];
}
