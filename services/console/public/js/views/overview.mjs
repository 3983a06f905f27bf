import { actionButton, confirmed, saidLine } from "../actions.mjs";
import { get, send } from "../api.mjs";
import { historyCharts } from "../charts.mjs";
import { byId, empty, h, table } from "../dom.mjs";
import { badge, bytes, count, duration, moment, words } from "../format.mjs";
import { choice } from "../forms.mjs";
import { live } from "../live.mjs";

const RECENT_MINUTES = 5;
const RANGES = [
  ["15m", "15 minutes"],
  ["1h", "1 hour"],
  ["6h", "6 hours"],
  ["1d", "1 day"],
  ["7d", "7 days"],
  ["30d", "30 days"],
];

/** The installation at a glance: work, workers, speed over time, and what needs a person. */
export async function showOverview(content, { signal, may }) {
  const now = h("div");
  const said = saidLine();
  const charts = historyCharts(signal);
  const form = rangeForm(() => refresh());

  async function refresh() {
    const asked = Object.fromEntries(new FormData(form));
    const [overview, history] = await Promise.all([
      get("/api/v1/overview", {}, { signal }),
      get("/api/v1/history", asked, { signal }),
    ]);
    showDeadCount(overview.dead);
    now.replaceChildren(
      ...[
        attention(overview),
        tiles(overview),
        h("section", { class: "columns" }, lanes(overview, { said, may, refresh }), dead(overview)),
        workers(overview),
      ].filter((part) => part !== null),
    );
    charts.set(history);
  }

  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Overview"),
    said,
    now,
    h("div", { class: "title-line" }, h("h2", {}, "Over time"), form),
    charts.element,
  );
  await live(signal, refresh);
}

export function showDeadCount(dead) {
  const mark = byId("dead-count");
  mark.textContent = count(dead);
  mark.hidden = dead === 0;
}

function rangeForm(onChange) {
  return h(
    "form",
    { class: "ranges", onchange: onChange, onsubmit: (event) => event.preventDefault() },
    choice("range", "Range", RANGES, "1h"),
    choice("by", "Lines", [
      ["lane", "by lane"],
      ["model", "by model"],
    ]),
  );
}

/** What an operator should look at first; null when there is nothing. */
function attention({ queue, lanes: rows, workers: live, outstanding, intake }) {
  const waiting = outstanding.some(({ pending }) => pending > 0);
  const troubles = [
    queue.refuses === null ? null : `The queue refuses writes: ${queue.refuses}.`,
    waiting && live.every(({ capacity }) => capacity === 0) && rows.length > 0
      ? "Tasks wait and no worker is ready."
      : null,
    ...rows
      .filter(({ paused }) => paused)
      .map(({ lane }) => `The lane ${lane} is paused: nothing of it is dispatched.`),
    ...intake.filter(({ near }) => near).map(fullness),
  ].filter((trouble) => trouble !== null);
  if (troubles.length === 0) return null;
  return h(
    "section",
    { class: "panel problem", role: "alert", "aria-label": "Needs attention" },
    ...troubles.map((trouble) => h("p", {}, trouble)),
  );
}

/** A limit of the intake that is near, in words. */
function fullness({ what, share, closed, disk }) {
  const room = disk === null ? "" : `, with ${bytes(disk.freeBytes)} free`;
  const then =
    closed.length > 0
      ? `uploads of ${closed.join(", ")} are turned away`
      : "backfill is turned away at 80 %, routine at 90 %, STAT at 100 %";
  return `Intake: ${what} is at ${Math.round(share * 100)} % of its limit${room}; ${then}.`;
}

function tiles({ outstanding, workers: seen, throughput, dead: letters, lanes: rows }) {
  const sum = (key) => outstanding.reduce((total, row) => total + row[key], 0);
  // The last minute is not over yet.
  const recent = throughput.slice(-RECENT_MINUTES - 1, -1);
  const running = rows.reduce((total, row) => total + row.running, 0);
  const ready = seen.filter(({ capacity }) => capacity > 0).length;
  const rate = recent.reduce((total, { predictions }) => total + predictions, 0) / recent.length;
  const oldest = Math.max(0, ...rows.map(({ oldestSeconds }) => oldestSeconds));
  return h(
    "section",
    { class: "tiles", "aria-label": "Key figures" },
    tile(
      "Waiting",
      count(sum("pending")),
      oldest === 0 ? "tasks" : `oldest ${duration(oldest * 1000)}`,
    ),
    rows.length === 0
      ? tile("Dispatched", count(sum("active")), "tasks")
      : tile("Running", count(running), "held by live workers"),
    tile("Results", rate < 10 ? rate.toFixed(1) : count(Math.round(rate)), "per minute, last 5"),
    rows.length === 0 ? null : tile("Workers", count(ready), "ready", ready === 0 ? "bad" : ""),
    tile(
      "Dead letters",
      count(letters),
      letters === 0 ? "none" : "need a person",
      letters ? "bad" : "",
    ),
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

function lanes({ outstanding, lanes: rows }, { said, may, refresh }) {
  const byLane = ["stat", "routine", "backfill"].map((lane) => {
    const of = outstanding.filter((row) => row.lane === lane);
    const known = rows.find((row) => row.lane === lane);
    return {
      lane,
      known,
      pending: of.reduce((total, row) => total + row.pending, 0),
      dispatched: of.reduce((total, row) => total + row.active, 0),
    };
  });
  const heads = ["Lane", "Waiting", "Dispatched", "Running", "Oldest", "Workers", ""];
  return h(
    "div",
    { class: "panel" },
    h("h2", {}, "Lanes"),
    table(
      "Outstanding tasks by lane",
      heads,
      byLane.map(({ lane, known, pending, dispatched }) => [
        [lane, known?.paused ? badge("paused", "warn") : null],
        count(pending),
        count(dispatched),
        known === undefined ? "–" : count(known.running),
        known?.oldestSeconds ? duration(known.oldestSeconds * 1000) : "–",
        known === undefined ? "–" : count(known.workers),
        known !== undefined && may.home && may.admin
          ? pauseButton(lane, known.paused, { said, refresh })
          : "",
      ]),
    ),
  );
}

function pauseButton(lane, paused, { said, refresh }) {
  const work = async () => {
    const reason = await confirmed({
      title: `${paused ? "Resume" : "Pause"} the lane ${lane}`,
      text: paused
        ? "Its tasks are dispatched again."
        : "Nothing of it is dispatched, for any tenant, until it is resumed. What runs is finished.",
      act: paused ? "Resume" : "Pause",
      reason: "asked",
    });
    if (reason === null) return null;
    await send("PATCH", `/api/v1/lanes/${lane}`, { paused: !paused, ...(reason && { reason }) });
    await refresh();
    return `The lane ${lane} is ${paused ? "resumed" : "paused"}.`;
  };
  return actionButton(paused ? "Resume" : "Pause", work, { said });
}

function dead({ deadByCode }) {
  return h(
    "div",
    { class: "panel" },
    h("h2", {}, "Dead letters"),
    deadByCode.length === 0
      ? empty("No dead letters", "Every task found its end.")
      : table(
          "Dead letters by what ended them",
          ["Code", "Tasks", "Studies", "Last"],
          deadByCode.map(({ code, tasks, studies, last }) => [
            h("a", { href: "#/dead" }, words(code)),
            count(tasks),
            count(studies),
            moment(last),
          ]),
        ),
  );
}

function workers({ workers: seen, lanes: rows }) {
  if (rows.length === 0) return null;
  const cells = seen.map(({ id, pool, version, provider, capacity, models, seenAt }) => [
    h("code", {}, id),
    pool,
    version ?? "–",
    capacity === 0 ? badge("not ready", "warn") : badge(provider, "good"),
    count(capacity),
    h("span", { class: "wraps" }, models.join(", ")),
    moment(seenAt),
  ]);
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, "Workers"),
    cells.length === 0
      ? empty("No worker is running", "Tasks wait until one is: see `axial worker` or the pool.")
      : table(
          "Workers that were seen lately",
          ["Worker", "Pool", "Version", "Device", "Capacity", "Models", "Seen"],
          cells,
        ),
  );
}
