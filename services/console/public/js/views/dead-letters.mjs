import { actionButton, confirmed, saidLine } from "../actions.mjs";
import { get, post } from "../api.mjs";
import { h, table } from "../dom.mjs";
import { badge, count, moment, uid, words } from "../format.mjs";
import { field, filled, searchForm } from "../forms.mjs";
import { live } from "../live.mjs";
import { pagedList } from "../paged-list.mjs";
import { showDeadCount } from "./overview.mjs";

const PAGE = 25;
const HEADS = [
  ...["Died", "Code", "Study", "Instance", "Model", "Lane", "Failures"],
  ...["First failure", "Last failure", "Last worker", ""],
];

/** Dead tasks, by what ended them, which an operator may replay. */
export async function showDeadLetters(content, { signal }) {
  const said = saidLine();
  const groups = h("div", { class: "panel" });
  const code = field("code", "Error code", { maxlength: 63 });
  const form = searchForm(
    () => list.search(),
    code,
    field("model", "Model", { maxlength: 63 }),
    field("study", "Study Instance UID", { pattern: "[0-9.]{1,64}" }),
  );
  const only = (wanted) => {
    const input = code.querySelector("input");
    if (input) input.value = wanted;
    list.search();
  };
  const list = pagedList({
    caption: "Dead letters, newest first",
    heads: HEADS,
    none: ["No dead letters", "Every task found its end."],
    read: async (cursor) => {
      const page = await get("/api/v1/dlq", { ...filled(form), limit: PAGE, cursor }, { signal });
      if (Object.keys(filled(form)).length === 0) showDeadCount(page.total);
      groups.replaceChildren(...grouped(page, only));
      return { rows: page.tasks, next: page.next };
    },
    row: (letter) => deadRow(letter, { said, refresh: () => list.search() }),
    signal,
  });
  form.append(replayMatching(form, { said, list }));
  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Dead letters"),
    form,
    said,
    groups,
    ...list.elements,
  );
  await live(signal, list.refresh);
}

function grouped({ total, codes }, only) {
  if (codes.length === 0) return [h("p", { class: "muted" }, "Nothing matches.")];
  const rows = codes.map(({ code, tasks, studies, first, last }) => [
    h("button", { type: "button", class: "link", onclick: () => only(code) }, words(code)),
    count(tasks),
    count(studies),
    moment(first),
    moment(last),
  ]);
  return [
    h("h2", {}, `${count(total)} in all, by what ended them`),
    table("Dead letters by code", ["Code", "Tasks", "Studies", "First", "Last"], rows),
  ];
}

function replayMatching(form, { said, list }) {
  return actionButton(
    "Replay what matches",
    async () => {
      const filter = filled(form);
      const { matched } = await post("/api/v1/dlq/replay", { filter, dryRun: true });
      if (matched === 0) return "Nothing that matches may run again.";
      const reason = await confirmed({
        title: `Replay ${count(matched)} tasks`,
        text: "Each is tried again from the start; those of superseded runs are left.",
        act: "Replay",
      });
      if (reason === null) return null;
      const { replayed } = await post("/api/v1/dlq/replay", { filter });
      await list.search();
      return `${count(replayed)} tasks are tried again.`;
    },
    { said },
  );
}

function deadRow(letter, { said, refresh }) {
  const replay = actionButton(
    "Replay",
    async () => {
      await post(`/api/v1/dlq/${letter.task}/replay`);
      await refresh();
      return "It is tried again.";
    },
    { said },
  );
  const discard = actionButton(
    "Discard",
    async () => {
      const sure = await confirmed({
        title: "Discard this task",
        text: "It is not tried again, and its study stays without this answer. This cannot be undone.",
        act: "Discard",
      });
      if (sure === null) return null;
      await post(`/api/v1/dlq/${letter.task}/discard`);
      await refresh();
      return "It is off the list.";
    },
    { said },
  );
  return [
    moment(letter.diedAt),
    h("details", {}, h("summary", {}, letter.code ?? "unknown"), history(letter)),
    h("a", { href: `#/studies/${letter.study}` }, uid(letter.study)),
    instanceOf(letter),
    `${letter.model} ${letter.version}`,
    badge(letter.lane),
    count(letter.failures),
    moment(letter.firstFailureAt),
    moment(letter.lastFailureAt),
    letter.history.at(-1)?.worker ?? "–",
    [replay, " ", discard],
  ];
}

/** The series' SOP instance; of several the first, and how many there are. */
function instanceOf({ instance, instances }) {
  if (instance === null) return "–";
  return instances === 1 ? uid(instance) : [uid(instance), ` of ${count(instances)}`];
}

function history({ detail, task, input, history: attempts }) {
  return h(
    "div",
    { class: "history" },
    detail === null ? null : h("p", {}, detail),
    h(
      "p",
      { class: "muted" },
      "task ",
      uid(task),
      " · input ",
      h("code", { title: input }, input.slice(0, 16)),
    ),
    h("ol", {}, ...attempts.map(attemptItem)),
  );
}

function attemptItem({ attempt, at, code, detail, worker }) {
  const by = worker === undefined ? "" : ` at ${worker}`;
  return h(
    "li",
    {},
    `attempt ${attempt}${by} · `,
    moment(at),
    ` · ${code}${detail ? `: ${detail}` : ""}`,
  );
}
