import { get } from "../api.mjs";
import { announce, empty, h, table } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";

const PAGE = 25;
const HEADS = ["Study", "State", "Lane", "Images", "Results", "Refused", "Dead", "Received"];

/** Search for studies by the beginning of their UID, state and lane. */
export async function showStudies(content, { signal }) {
  const list = h("div", { class: "panel" });
  const form = searchForm(() => search());
  const rows = [];
  let next = null;

  async function search(cursor = "") {
    if (cursor === "") rows.length = 0;
    const query = { ...Object.fromEntries(new FormData(form)), limit: PAGE, cursor };
    const page = await get("/api/v1/studies", query, { signal });
    rows.push(...page.studies);
    next = page.next;
    list.replaceChildren(...listing());
    announce(`${rows.length} studies`);
  }

  function listing() {
    if (rows.length === 0) return [empty("No study found", "Send one, or search for less.")];
    const more = h("button", { type: "button", onclick: () => search(next) }, "Show more");
    return [
      table("Studies, newest first", HEADS, rows.map(studyRow)),
      next === null ? null : more,
    ].filter((part) => part !== null);
  }

  content.replaceChildren(h("h1", { tabindex: "-1" }, "Studies"), form, list);
  await search();
}

function searchForm(search) {
  const select = (name, label, options) =>
    h(
      "label",
      {},
      label,
      h(
        "select",
        { name },
        h("option", { value: "" }, "any"),
        ...options.map((option) => h("option", { value: option }, option)),
      ),
    );
  return h(
    "form",
    {
      class: "filters",
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        search();
      },
      onchange: search,
    },
    h(
      "label",
      { class: "wide" },
      "Study Instance UID begins with",
      h("input", { name: "study", pattern: "[0-9.]{0,64}", inputmode: "decimal" }),
    ),
    select("state", "State", ["receiving", "closed", "complete", "cancelled"]),
    select("lane", "Lane", ["stat", "routine", "backfill"]),
    h("button", { type: "submit" }, "Search"),
  );
}

function studyRow(row) {
  return [
    h("a", { href: `#/studies/${row.study}` }, uid(row.study)),
    badge(row.state),
    row.lane,
    count(row.instances),
    count(row.predictions),
    count(row.refusals),
    row.dead === 0 ? "0" : badge(count(row.dead), "bad"),
    moment(row.receivedAt),
  ];
}
