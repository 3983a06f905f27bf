import { h } from "./dom.mjs";
import { badge, moment, uid, words } from "./format.mjs";

export const AUDIT_HEADS = ["When", "What", "Who", "From", "Outcome", "About", "Detail"];

/** An entry of the audit, as `GET /api/v1/audit` lists them. */
export function auditRow({ at, action, key, address, outcome, study, target, detail }) {
  return [
    moment(at),
    words(action.replaceAll(".", " ")),
    key === null ? "–" : (key.name ?? key.id.slice(0, 8)),
    address ?? "–",
    badge(outcome, outcome === "success" ? "good" : "bad"),
    study === null ? (target ?? "–") : h("a", { href: `#/studies/${study}` }, uid(study)),
    Object.entries(detail)
      .map(([name, value]) => `${words(name)}: ${value}`)
      .join(", "),
  ];
}
