import { get } from "../api.mjs";
import { h } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";
import { field, filled, filterBy, searchForm } from "../forms.mjs";
import { AUDITED, live } from "../live.mjs";
import { pagedList } from "../paged-list.mjs";

const PAGE = 25;
const HEADS = [
  "Study",
  "Date",
  "State",
  "Lane",
  "Images",
  "Results",
  "Refused",
  "Dead",
  "Received",
];
const STATES = [
  ...["receiving", "held", "closed", "complete", "complete-with-failures"],
  ...["failed", "cancelled"],
];

/** Search for studies; the list follows what arrives. */
export async function showStudies(content, { signal }) {
  const form = searchForm(
    () => list.search(),
    filterBy("state", "State", STATES),
    filterBy("lane", "Lane", ["stat", "routine", "backfill"]),
    field("patient", "Patient ID or name", { maxlength: 64, autocomplete: "off" }),
    field("accession", "Accession number", { maxlength: 64, autocomplete: "off" }),
    field("study", "Study Instance UID begins with", {
      pattern: "[0-9.]{0,64}",
      inputmode: "decimal",
    }),
    field("from", "Study date from", { type: "date" }),
    field("to", "to", { type: "date" }),
    field("model", "Model", { maxlength: 63 }),
    field("label", "Label", { maxlength: 64 }),
    field("site", "Site", { maxlength: 64 }),
  );
  const list = pagedList({
    caption: "Studies, newest first",
    heads: HEADS,
    none: ["No study found", "Send one, or search for less."],
    read: async (cursor) => {
      const query = { ...filled(form), limit: PAGE, cursor };
      const { studies, next } = await get("/api/v1/studies", query, { signal });
      return { rows: studies, next };
    },
    row: studyRow,
    signal,
  });
  content.replaceChildren(h("h1", { tabindex: "-1" }, "Studies"), form, ...list.elements);
  await live(signal, list.refresh, AUDITED);
}

function studyRow(row) {
  return [
    h("a", { href: `#/studies/${row.study}` }, uid(row.study)),
    dicomDate(row.studyDate),
    badge(row.state),
    row.lane,
    count(row.instances),
    count(row.predictions),
    count(row.refusals),
    row.dead === 0 ? "0" : badge(count(row.dead), "bad"),
    moment(row.receivedAt),
  ];
}

/** `20260131` as 2026-01-31; what is no date is shown as it is. */
function dicomDate(value) {
  return value?.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3") ?? "–";
}
