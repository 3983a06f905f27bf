import { h, s } from "./dom.mjs";
import { count } from "./format.mjs";

const [WIDTH, HEIGHT, GAP] = [600, 130, 3];
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** Bars, one per minute; the numbers are in the title of each, and in words for readers. */
export function throughputChart(minutes) {
  const most = Math.max(...minutes.map(({ predictions }) => predictions), 1);
  const step = WIDTH / minutes.length;
  const bars = minutes.map(({ minute, predictions }, index) => {
    const height = (predictions / most) * (HEIGHT - 4);
    const rect = s("rect", {
      x: index * step + GAP / 2,
      y: HEIGHT - height,
      width: step - GAP,
      height,
      rx: 1.5,
      class: "bar-mark",
    });
    rect.append(s("title", {}, `${CLOCK.format(new Date(minute))}: ${count(predictions)}`));
    return rect;
  });
  const clock = (row) => h("span", {}, CLOCK.format(new Date(row.minute)));
  const total = minutes.reduce((sum, { predictions }) => sum + predictions, 0);
  const chart = s(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "chart",
      role: "img",
      "aria-label": `${total} results in ${minutes.length} minutes, at most ${most} in one`,
    },
    s("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: "axis" }),
    ...bars,
  );
  const highest = h("span", {}, `most in a minute: ${count(most)}`);
  const scale = [clock(minutes[0]), highest, clock(minutes.at(-1))];
  return h("div", {}, chart, h("div", { class: "chart-scale" }, ...scale));
}
