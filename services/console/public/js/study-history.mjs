import { actionButton, saidLine } from "./actions.mjs";
import { get, post } from "./api.mjs";
import { auditTable } from "./audit-table.mjs";
import { h, table } from "./dom.mjs";
import { badge, moment } from "./format.mjs";

/** What was sent of the study, and what people did with it: read when it is opened. */
export function studyHistory(study, context) {
  const parts = [
    context.may.operator ? section("Deliveries", () => deliveries(study, context)) : null,
    context.may.admin ? section("Audit", () => audit(study, context)) : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : h("div", {}, ...parts);
}

function section(title, read) {
  const body = h("div", {}, h("p", { class: "muted" }, "Reading…"));
  const details = h("details", { class: "panel" }, h("summary", {}, title), body);
  details.addEventListener("toggle", async () => {
    if (!details.open) return;
    try {
      body.replaceChildren(await read());
    } catch (error) {
      body.replaceChildren(h("p", { class: "problem-line" }, error.message));
    }
  });
  return details;
}

async function deliveries({ study }, { signal }) {
  const found = await get("/api/v1/deliveries", { study, limit: 100 }, { signal });
  if (found.deliveries.length === 0) return h("p", { class: "muted" }, "Nothing was sent of it.");
  const said = saidLine();
  const again = (id) =>
    actionButton(
      "Send again",
      async () => {
        await post(`/api/v1/deliveries/${id}/replay`);
        return "It is sent again.";
      },
      { said },
    );
  const rows = found.deliveries.map((one) => [
    one.destinationName,
    one.event,
    `${one.run}`,
    badge(one.state),
    `${one.attempts}`,
    one.lastError ?? "",
    moment(one.deliveredAt ?? one.createdAt),
    one.state === "pending" ? "" : again(one.id),
  ]);
  const heads = ["To", "What", "Run", "State", "Attempts", "Last error", "When", ""];
  return h("div", {}, said, table("Deliveries", heads, rows));
}

async function audit({ study }, { signal }) {
  const { entries } = await get("/api/v1/audit", { study, limit: 100 }, { signal });
  return entries.length === 0 ? h("p", { class: "muted" }, "No entry.") : auditTable(entries);
}
