import { get } from "../api.mjs";
import { AUDIT_HEADS, auditRow } from "../audit-table.mjs";
import { h } from "../dom.mjs";
import { field, filled, filterBy, searchForm } from "../forms.mjs";
import { AUDITED, live } from "../live.mjs";
import { pagedList } from "../paged-list.mjs";

const PAGE = 50;

/** Who did what, and who looked at what. */
export async function showAudit(content, { signal }) {
  const form = searchForm(
    () => list.search(),
    field("action", "Action", { pattern: "[a-z][a-z.\\-]{0,62}", placeholder: "study.read" }),
    filterBy("outcome", "Outcome", ["success", "refused"]),
    field("study", "Study Instance UID", { pattern: "[0-9.]{1,64}" }),
  );
  const list = pagedList({
    caption: "Audit, newest first",
    heads: AUDIT_HEADS,
    none: ["No entry", "Search for less."],
    read: async (cursor) => {
      const query = { ...filled(form), limit: PAGE, cursor };
      const { entries, next } = await get("/api/v1/audit", query, { signal });
      return { rows: entries, next };
    },
    row: auditRow,
    signal,
  });
  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Audit"),
    h(
      "p",
      { class: "muted" },
      h("code", {}, "axial audit verify"),
      " says whether the chain is whole.",
    ),
    form,
    ...list.elements,
  );
  await live(signal, list.refresh, AUDITED);
}
