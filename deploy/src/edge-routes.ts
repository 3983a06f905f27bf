import type { DoorRoute } from "./ingress-routes.ts";

const RULE = /^ +use_backend (\S+) if \{ path_reg (\S+) \}(?: \{ method ([A-Z ]+) \})?$/gm;
const DEFAULT = /^ +default_backend (\S+)$/m;

/** The routes of compose's edge, in the order in which HAProxy tries them. */
export function edgeRoutes(config: string): DoorRoute[] {
  const rules = [...config.matchAll(RULE)].map(([, backend = "", path = "", methods]) => ({
    path: new RegExp(path),
    methods: methods?.split(" ") ?? null,
    service: `axial-${backend}`,
  }));
  const rest = DEFAULT.exec(config)?.[1];
  if (rest === undefined) return rules;
  return [...rules, { path: /^/, methods: null, service: `axial-${rest}` }];
}
