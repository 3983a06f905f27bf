import { get } from "../api.mjs";
import { byId, empty, h, table } from "../dom.mjs";
import { badge, count, moment } from "../format.mjs";
import { poll } from "../poll.mjs";
import { throughputChart } from "../throughput-chart.mjs";

const REFRESH_MS = 2_000;
const LANES = ["stat", "routine", "backfill"];
const RECENT_MINUTES = 5;

/** The installation at a glance: work, workers, speed, what needs a person. */
export async function showOverview(content, { signal }) {
  const body = h("div");
  content.replaceChildren(h("h1", { tabindex: "-1" }, "Overview"), body);
  await poll(REFRESH_MS, signal, async () => {
    const overview = await get("/api/v1/overview", {}, { signal });
    showDeadCount(overview.dead);
    body.replaceChildren(
      tiles(overview),
      h("section", { class: "columns" }, lanes(overview), throughput(overview)),
      workers(overview),
    );
  });
}

export function showDeadCount(dead) {
  const mark = byId("dead-count");
  mark.textContent = count(dead);
  mark.hidden = dead === 0;
}

function tiles({ outstanding, workers, throughput, dead }) {
  const sum = (key) => outstanding.reduce((total, row) => total + row[key], 0);
  // The last minute is not over yet.
  const recent = throughput.slice(-RECENT_MINUTES - 1, -1);
  const ready = workers.filter(({ capacity }) => capacity > 0).length;
  const rate = recent.reduce((total, { predictions }) => total + predictions, 0) / recent.length;
  return h(
    "section",
    { class: "tiles", "aria-label": "Key figures" },
    tile("Waiting", count(sum("pending")), "tasks in line"),
    tile("Running", count(sum("active")), "tasks at workers"),
    tile("Results", rate < 10 ? rate.toFixed(1) : count(Math.round(rate)), "per minute, last 5"),
    tile("Workers", count(ready), "ready", ready === 0 ? "bad" : ""),
    tile("Dead letters", count(dead), dead === 0 ? "none" : "need a person", dead ? "bad" : ""),
  );
}

function tile(title, value, hint, tone = "") {
  return h(
    "div",
    { class: `tile ${tone}` },
    h("span", { class: "tile-title" }, title),
    h("strong", {}, value),
    h("span", { class: "muted" }, hint),
  );
}

function lanes({ outstanding }) {
  const rows = LANES.map((lane) => {
    const of = outstanding.filter((row) => row.lane === lane);
    return {
      lane,
      pending: of.reduce((total, row) => total + row.pending, 0),
      active: of.reduce((total, row) => total + row.active, 0),
    };
  });
  return h(
    "div",
    { class: "panel" },
    h("h2", {}, "Lanes"),
    table(
      "Outstanding tasks by lane",
      ["Lane", "Waiting", "Running"],
      rows.map(({ lane, pending, active }) => [lane, count(pending), count(active)]),
    ),
  );
}

function throughput({ throughput: minutes }) {
  return h(
    "div",
    { class: "panel" },
    h("h2", {}, "Results per minute"),
    minutes.some(({ predictions }) => predictions > 0)
      ? throughputChart(minutes)
      : empty("No results in the last half hour", "Send a study, or look at Studies."),
  );
}

function workers({ workers: live }) {
  const rows = live.map(({ id, provider, capacity, models, seenAt }) => [
    h("code", {}, id),
    capacity === 0 ? badge("not ready", "warn") : badge(provider, "good"),
    count(capacity),
    models.join(", "),
    moment(seenAt),
  ]);
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, "Workers"),
    rows.length === 0
      ? empty("No live worker", "Nothing is inferred until one starts; nothing is lost meanwhile.")
      : table("Live workers", ["Worker", "Provider", "Capacity", "Models", "Seen"], rows),
  );
}
