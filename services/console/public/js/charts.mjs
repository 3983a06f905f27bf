import uPlot from "../vendor/uPlot.esm.js";
import { h } from "./dom.mjs";
import { duration } from "./format.mjs";

const HEIGHT = 190;
/** Distinguishable with red-green colour blindness, on light and dark. */
const COLOURS = [
  "#d1603d",
  "#2f86c1",
  "#8a8f98",
  "#9b6bc9",
  "#2a9d72",
  "#c79a1e",
  "#3d6fd1",
  "#b04f86",
];
/** Lanes keep their colours, whichever of them have work. */
const LANE_COLOURS = { stat: COLOURS[0], routine: COLOURS[1], backfill: COLOURS[2] };

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_SECONDS = 86_400;

/** Ticks of the time axis: hours, or days where they span more than two. */
function clockTicks(_plot, times) {
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * DAY_SECONDS;
  return times.map((time) => (long ? DAY : CLOCK).format(new Date(time * 1000)));
}

const moment = (_plot, time) =>
  time === null
    ? "–"
    : `${DAY.format(new Date(time * 1000))} ${CLOCK.format(new Date(time * 1000))}`;
const plain = (value) =>
  value === null ? "–" : value >= 100 ? `${Math.round(value)}` : `${Number(value.toFixed(1))}`;
const seconds = (value) => (value === null ? "–" : duration(value * 1000));

/** What is drawn: the title, and of each line the values, how they are written and their dash. */
const CHARTS = [
  { title: "Waiting tasks", parts: [["waiting", ""]], write: plain },
  { title: "Age of the oldest waiting task", parts: [["oldestSeconds", ""]], write: seconds },
  { title: "Results per minute", parts: [["resultsPerMinute", ""]], write: plain },
  {
    title: "Time from plan to result, median and p99",
    parts: [
      ["latencyP50", ""],
      ["latencyP99", "p99"],
    ],
    write: seconds,
  },
  { title: "Images per batch", parts: [["batchSize", ""]], write: plain },
];

/**
 * Work over time, as `GET /api/v1/history` returns it: a chart for each figure, a line for each lane
 * or model. `set(history)` draws newer values into them.
 *
 * @param {AbortSignal} signal charts are taken down when it is aborted
 */
export function historyCharts(signal) {
  const element = h("div", { class: "charts" });
  let drawn = "";
  /** @type {{ plot: any, box: HTMLElement, figure: HTMLElement, chart: any }[]} */
  let plots = [];
  const resize = new ResizeObserver(() => {
    for (const { plot, box } of plots) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  });
  resize.observe(element);
  signal.addEventListener("abort", () => resize.disconnect());

  const set = (history) => {
    const names = history.lines.map(({ name }) => name).join();
    if (names === drawn && plots.length > 0) {
      for (const { plot, chart } of plots) plot.setData(columns(history, chart));
    } else {
      for (const { plot } of plots) plot.destroy();
      plots = CHARTS.map((chart) => draw(element, history, chart));
      element.replaceChildren(...plots.map(({ figure }) => figure));
      for (const { plot, box } of plots) plot.setSize({ width: box.clientWidth, height: HEIGHT });
      drawn = names;
    }
    for (const { figure, chart } of plots) describe(figure, history, chart);
  };
  return { element, set };
}

function draw(element, history, chart) {
  const box = h("div", { class: "plot" });
  const figure = h("figure", { class: "panel chart" }, h("figcaption", {}, chart.title), box);
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--muted").trim();
  const line = getComputedStyle(document.documentElement).getPropertyValue("--line").trim();
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  const plot = new uPlot(
    {
      width: Math.max(element.clientWidth / 2, 280),
      height: HEIGHT,
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
      axes: [
        { ...axis, values: clockTicks },
        { ...axis, size: 62, values: (_plot, ticks) => ticks.map(chart.write) },
      ],
      series: [{ label: "Time", value: moment }, ...linesOf(history, chart)],
      legend: { live: true },
      cursor: { drag: { x: false, y: false } },
    },
    columns(history, chart),
    box,
  );
  return { plot, box, figure, chart };
}

function linesOf({ lines }, { parts, write }) {
  return lines.flatMap(({ name }, index) =>
    parts.map(([, suffix]) => ({
      label: [name, suffix].filter(Boolean).join(" "),
      stroke: LANE_COLOURS[name] ?? COLOURS[index % COLOURS.length],
      width: 2,
      dash: suffix === "" ? undefined : [6, 4],
      value: (_plot, value) => write(value ?? null),
      spanGaps: false,
    })),
  );
}

/** Times in seconds since 1970, then the values of each line. */
function columns({ at, lines }, { parts }) {
  const times = at.map((time) => Date.parse(time) / 1000);
  return [times, ...lines.flatMap((line) => parts.map(([part]) => line[part]))];
}

/** The chart in words, for screen readers. */
function describe(figure, { lines }, { title, parts, write }) {
  const said = lines.map((line) => {
    const values = line[parts[0][0]].filter((value) => value !== null);
    return `${line.name} now ${write(values.at(-1) ?? null)}, at most ${write(highest(values))}`;
  });
  const box = figure.querySelector(".plot");
  box?.setAttribute("role", "img");
  box?.setAttribute("aria-label", `${title}: ${said.join("; ") || "no work in this range"}`);
}

const highest = (values) => (values.length === 0 ? null : Math.max(...values));
