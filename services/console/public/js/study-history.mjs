import { actionButton, saidLine } from "./actions.mjs";
import { get, post } from "./api.mjs";
import { AUDIT_HEADS, auditRow } from "./audit-table.mjs";
import { h } from "./dom.mjs";
import { badge, moment } from "./format.mjs";
import { pagedList } from "./paged-list.mjs";

const PAGE = 50;

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
  const said = saidLine();
  const again = (id) =>
    actionButton(
      "Send again",
      async () => {
        await post(`/api/v1/deliveries/${id}/replay`);
        await list.refresh();
        return "It is sent again.";
      },
      { said },
    );
  const list = pagedList({
    caption: "Deliveries",
    heads: ["To", "What", "Run", "State", "Attempts", "Last error", "When", ""],
    none: ["No deliveries", "Nothing was sent of it."],
    read: async (cursor) => {
      const query = { study, limit: PAGE, cursor };
      const { deliveries: rows, next } = await get("/api/v1/deliveries", query, { signal });
      return { rows, next };
    },
    row: (one) => [
      one.destinationName,
      one.event,
      `${one.run}`,
      badge(one.state),
      `${one.attempts}`,
      one.lastError ?? "",
      moment(one.deliveredAt ?? one.createdAt),
      one.state === "pending" ? "" : again(one.id),
    ],
    signal,
  });
  await list.refresh();
  return h("div", {}, said, ...list.elements);
}

async function audit({ study }, { signal }) {
  const list = pagedList({
    caption: "Audit, newest first",
    heads: AUDIT_HEADS,
    none: ["No entry", "Nothing of it was done or read."],
    read: async (cursor) => {
      const query = { study, limit: PAGE, cursor };
      const { entries: rows, next } = await get("/api/v1/audit", query, { signal });
      return { rows, next };
    },
    row: auditRow,
    signal,
  });
  await list.refresh();
  return h("div", {}, ...list.elements);
}
