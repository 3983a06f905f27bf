import { get } from "../api.mjs";
import { announce, empty, h, table } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";

const PAGE = 25;
const HEADS = ["Study", "State", "Lane", "Images", "Results", "Refused", "Dead", "Received"];

/** Search for studies by the beginning of their UID, state and lane. */
export async function showStudies(content, { signal }) {
  const list = h("div", { class: "panel" });
  const problem = h("p", { class: "problem-line", role: "alert" });
  const form = searchForm(() => search());
  /** @type {any[]} */
  let rows = [];
  /** @type {object | null} */
  let latest = null;

  /** A search overtakes the one before: an answer that comes late is not shown. */
  async function find(cursor) {
    const mine = {};
    latest = mine;
    const query = { ...Object.fromEntries(new FormData(form)), limit: PAGE, cursor };
    const page = await get("/api/v1/studies", query, { signal });
    if (latest !== mine) return;
    rows = cursor === "" ? page.studies : [...rows, ...page.studies];
    list.replaceChildren(...listing(page.next));
    announce(`${rows.length} studies`);
  }

  async function search(cursor = "") {
    problem.textContent = "";
    await find(cursor).catch((error) => {
      if (!signal.aborted) problem.textContent = error.message;
    });
  }

  function listing(next) {
    if (rows.length === 0) return [empty("No study found", "Send one, or search for less.")];
    const found = table("Studies, newest first", HEADS, rows.map(studyRow));
    if (next === null) return [found];
    return [found, h("button", { type: "button", onclick: () => search(next) }, "Show more")];
  }

  content.replaceChildren(h("h1", { tabindex: "-1" }, "Studies"), form, problem, list);
  await find("");
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
      onchange: () => search(),
    },
    h(
      "label",
      { class: "wide" },
      "Study Instance UID begins with",
      h("input", { name: "study", pattern: "[0-9.]{0,64}", inputmode: "decimal" }),
    ),
    select("state", "State", [
      ...["receiving", "held", "closed", "complete", "complete-with-failures"],
      ...["failed", "cancelled"],
    ]),
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
