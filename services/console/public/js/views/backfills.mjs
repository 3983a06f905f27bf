import { actionButton, confirmed, saidLine } from "../actions.mjs";
import { get, post, send } from "../api.mjs";
import { empty, h, s, table } from "../dom.mjs";
import { badge, count, duration, moment, uid, words } from "../format.mjs";
import { live } from "../live.mjs";
import { pagedList } from "../paged-list.mjs";

const PAGE = 50;
const STATES = ["waiting", "sent", "running", "done", "refused", "failed", "skipped"];

/** The tenant's backfills, newest first. */
export async function showBackfills(content, { signal }) {
  const list = pagedList({
    caption: "Backfills, newest first",
    heads: ["Backfill", "State", "Source", "Models", "Rate", "Window", "Started", "Finished"],
    none: ["No backfills", "`axial backfill start SOURCE` shows what one would do, and asks."],
    read: async (after) => {
      const { backfills } = await get("/api/v1/backfills", { limit: PAGE, after }, { signal });
      const next = backfills.length < PAGE ? null : backfills.at(-1).id;
      return { rows: backfills, next };
    },
    row: backfillRow,
    signal,
  });
  content.replaceChildren(h("h1", { tabindex: "-1" }, "Backfills"), ...list.elements);
  await live(signal, list.refresh);
}

function backfillRow({ id, name, state, source, models, ratePerMinute, window, ...at }) {
  return [
    h("a", { href: `#/backfills/${id}` }, name),
    badge(state),
    source,
    models?.join(", ") ?? "all that fit",
    ratePerMinute === null ? "–" : `${count(ratePerMinute)}/min`,
    window ?? "–",
    moment(at.createdAt),
    moment(at.finishedAt),
  ];
}

/** One backfill: how far it is, how fast, and what went wrong. */
export async function showBackfill(content, { signal, parameter: id, may }) {
  const said = saidLine();
  const body = h("div");
  const path = `/api/v1/backfills/${id}`;
  const refresh = async () => {
    const backfill = await get(path, {}, { signal });
    const title = content.querySelector("h1");
    if (title) title.textContent = backfill.name;
    body.replaceChildren(
      ...[
        facts(backfill),
        may.operator ? actions(backfill, { path, said, refresh }) : null,
        progress(backfill),
        h("section", { class: "columns" }, reasons(backfill), slowest(backfill)),
      ].filter((part) => part !== null),
    );
  };
  content.replaceChildren(h("h1", { tabindex: "-1" }, "Backfill"), said, body);
  await live(signal, refresh);
}

function facts({ state, source, models, window, timeZone, ratePerMinute, perMinute, ...rest }) {
  const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
  return h(
    "dl",
    { class: "facts panel" },
    fact("State", badge(state)),
    fact("Source", source),
    fact("Models", models?.join(", ") ?? "all that fit"),
    fact("Rate now", `${perMinute.now.toFixed(1)} studies/min`),
    fact("Rate on average", `${perMinute.average.toFixed(1)} studies/min`),
    fact("Left", rest.etaSeconds === null ? "–" : duration(rest.etaSeconds * 1000)),
    fact("Highest rate", ratePerMinute === null ? "–" : `${count(ratePerMinute)} studies/min`),
    fact("Window", window === null ? "–" : `${window} ${timeZone}`),
    fact("Started", moment(rest.createdAt)),
    fact("Finished", moment(rest.finishedAt)),
  );
}

function actions({ state, items }, { path, said, refresh }) {
  const button = ({ label, text, act, outcome }) =>
    actionButton(
      label,
      async () => {
        if ((await confirmed({ title: `${label}?`, text, act: label })) === null) return null;
        await act();
        await refresh();
        return outcome;
      },
      { said },
    );
  const possible = [
    {
      ...{ label: "Pause", when: state === "running", outcome: "It is paused." },
      text: "No further study is started; what runs is finished.",
      act: () => post(`${path}/pause`),
    },
    {
      ...{ label: "Resume", when: state === "paused", outcome: "It goes on." },
      text: "Studies are started again.",
      act: () => post(`${path}/resume`),
    },
    {
      ...{ label: "Retry what failed", when: items.failed > 0, outcome: "They are tried again." },
      text: `${count(items.failed)} studies are tried again.`,
      act: () => post(`${path}/retry`),
    },
    {
      ...{
        label: "Cancel",
        when: ["running", "paused"].includes(state),
        outcome: "It is cancelled.",
      },
      text: "What has not started is skipped. This cannot be undone.",
      act: () => post(`${path}/cancel`),
    },
  ].filter(({ when }) => when);
  /** @type {HTMLElement[]} */
  const buttons = possible.map(button);
  if (["running", "paused"].includes(state)) buttons.push(rateForm({ path, said, refresh }));
  return buttons.length === 0 ? null : h("div", { class: "panel actions" }, ...buttons);
}

function rateForm({ path, said, refresh }) {
  const input = h("input", {
    name: "rate",
    type: "number",
    min: 1,
    max: 1_000_000,
    "aria-label": "Studies a minute, empty for no limit",
  });
  const set = actionButton(
    "Set the rate",
    async () => {
      const ratePerMinute = input.value === "" ? null : Number(input.value);
      await send("PATCH", path, { ratePerMinute });
      await refresh();
      return ratePerMinute === null
        ? "It has no limit."
        : `At most ${ratePerMinute} studies a minute.`;
    },
    { said },
  );
  return h("span", { class: "rate" }, input, set);
}

function progress({ items, finished }) {
  const total = STATES.reduce((sum, state) => sum + items[state], 0);
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, `${count(total)} studies`),
    h(
      "div",
      {
        class: "share",
        role: "img",
        "aria-label": STATES.map((state) => `${items[state]} ${state}`).join(", "),
      },
      ...STATES.filter((state) => items[state] > 0).map((state) =>
        part(state, items[state], total),
      ),
    ),
    table("Studies by state", STATES, [STATES.map((state) => count(items[state]))]),
    h("h3", {}, "Finished in each of the last 60 minutes"),
    sparkline(finished),
  );
}

/** A stretch as long as its share; SVG, because a style in the markup is not allowed. */
function part(state, items, total) {
  const bar = s("svg", { class: `part ${state}`, viewBox: "0 0 1 1", preserveAspectRatio: "none" });
  bar.append(s("rect", { width: 1, height: 1 }));
  bar.style.flexGrow = `${items / total}`;
  return bar;
}

function sparkline(values) {
  const [width, height] = [600, 60];
  const most = Math.max(...values, 1);
  const points = values.map(
    (value, index) =>
      `${(index / (values.length - 1)) * width},${height - (value / most) * (height - 4)}`,
  );
  return s(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      class: "sparkline",
      role: "img",
      "aria-label": `at most ${most} in a minute, ${values.at(-1) ?? 0} in the last`,
    },
    s("polyline", { points: points.join(" ") }),
  );
}

function reasons({ reasons: found }) {
  const rows = found.map(({ state, code, items }) => [badge(state), words(code), count(items)]);
  return h(
    "div",
    { class: "panel" },
    h("h2", {}, "Reasons"),
    rows.length === 0
      ? empty("Nothing was refused", "and nothing failed.")
      : table("Why studies were refused or failed", ["State", "Code", "Studies"], rows),
  );
}

function slowest({ slowest: found }) {
  const rows = found.map(({ study, seconds }) => [
    h("a", { href: `#/studies/${study}` }, uid(study)),
    duration(seconds * 1000),
  ]);
  return h(
    "div",
    { class: "panel" },
    h("h2", {}, "Slowest"),
    rows.length === 0
      ? empty("None finished yet", "")
      : table("The slowest studies", ["Study", "Took"], rows),
  );
}
