import { h } from "./dom.mjs";
import { duration, moment, plural } from "./format.mjs";

/** Why a study waits, in the words of the API. */
export function whyPanel({ reasons, tasks, position, etaSeconds, capacity, lastError, retryAt }) {
  const facts = [
    ["Tasks", `${tasks.pending} waiting, ${tasks.dispatched + tasks.running} at workers`],
    ["Before it", position === null ? "–" : plural(position, "task")],
    ["About", etaSeconds === null ? "unknown" : duration(etaSeconds * 1000)],
    ["Capacity", `${plural(capacity.workers, "worker")}, ${plural(capacity.tasks, "task")}`],
    ...(retryAt === null ? [] : [["Next try", moment(retryAt)]]),
  ];
  return h(
    "section",
    { class: "panel why" },
    h("h2", {}, "Why it is waiting"),
    h("ul", {}, ...reasons.map(({ text }) => h("li", {}, text))),
    lastError === null ? null : h("p", { class: "problem-line" }, `Last error: ${lastError.title}`),
    h(
      "dl",
      { class: "facts" },
      ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
  );
}
