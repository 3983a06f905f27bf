import { blobUrl, get, listen } from "../api.mjs";
import { announce, empty, h, table } from "../dom.mjs";
import { badge, count, duration, moment, uid, words } from "../format.mjs";
import { labelNames } from "../label-names.mjs";
import { patientPanel } from "../patient-panel.mjs";
import { predictionCard } from "../prediction-card.mjs";
import { studyActions } from "../study-actions.mjs";
import { studyHistory } from "../study-history.mjs";
import { whyPanel } from "../why-panel.mjs";

const FINISHED = ["complete", "complete-with-failures", "failed", "cancelled"];
const REPORTS = [
  ["JSON", "report.json"],
  ["DICOM SR", "report.sr"],
  ["FHIR", "report.fhir"],
  ["PDF", "report.pdf"],
];
/** A finished study is read again this often: someone may run it again. */
const FOLLOW_AGAIN_MS = 5_000;

/** One study with all its answers; follows it while it is open. */
export async function showStudy(content, { signal, parameter: studyUid, may }) {
  const path = `/api/v1/studies/${studyUid}`;
  const name = await labelNames({ signal });
  let drawn = "";
  const draw = async (study) => {
    const why = FINISHED.includes(study.state) ? null : await get(`${path}/why`, {}, { signal });
    const key = JSON.stringify([study, why]);
    // Redrawing the same content would lose the reader's focus.
    if (signal.aborted || key === drawn) return;
    drawn = key;
    content.replaceChildren(...page(study, why, { signal, name, may, refresh }));
  };
  const refresh = async () => draw(await get(path, {}, { signal }));
  await refresh();
  follow(path, signal, draw);
}

async function follow(path, signal, draw) {
  const onEvent = (name, data) => {
    if (name === "study") draw(data).catch(() => {});
    else announce(`The study is ${data.state}`);
  };
  while (!signal.aborted) {
    await listen(`${path}/events`, signal, onEvent).catch((error) => {
      if (!signal.aborted) announce(`No live updates: ${error.message}`);
    });
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_AGAIN_MS));
  }
}

function page(study, why, context) {
  const actions = studyActions(study, context);
  return [
    h(
      "div",
      { class: "title-line" },
      h("h1", { tabindex: "-1" }, "Study"),
      badge(study.state),
      study.hold === null ? null : badge("legal hold", "warn"),
      study.predictions.length + study.refusals.length > 0 ? reportLinks(study) : null,
    ),
    actions.said,
    facts(study),
    actions.element,
    patientPanel(study, context),
    rerunNote(study),
    why === null ? null : whyPanel(why),
    ...predictions(study, context),
    refusals(study),
    runs(study),
    studyHistory(study, context),
  ].filter((part) => part !== null);
}

function facts(study) {
  const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
  const expected = study.expectedInstances === null ? "" : ` of ${study.expectedInstances}`;
  const modalities = [...new Set(study.series.map(({ modality }) => modality ?? "?"))];
  return h(
    "dl",
    { class: "facts panel" },
    fact("Study Instance UID", h("code", { class: "whole" }, study.study)),
    fact("Lane", study.lane),
    fact("Images", `${count(study.instances)}${expected}`),
    fact("Series", `${study.series.length} (${modalities.join(", ")})`),
    fact("Received", moment(study.receivedAt)),
    fact("Finished", moment(study.completedAt)),
    study.hold === null ? null : fact("Legal hold", study.hold.reason),
    study.imagesRemovedAt === null ? null : fact("Images removed", moment(study.imagesRemovedAt)),
  );
}

function predictions(study, context) {
  if (study.predictions.length === 0) {
    return [
      h("section", { class: "panel" }, h("h2", {}, "Results"), empty("No result", whyNone(study))),
    ];
  }
  return study.predictions.map((prediction) => predictionCard(prediction, study, context));
}

function whyNone({ state, failures }) {
  if (state === "held") return "Its images name more than one patient: resolve that first.";
  if (!FINISHED.includes(state)) return "They appear here as soon as they are recorded.";
  if (state === "cancelled") return "The study was cancelled.";
  if (failures.length > 0) {
    return h("span", {}, "Every attempt failed: see ", h("a", { href: "#/dead" }, "Dead letters"));
  }
  return "No model took a series of this study; the reasons are below.";
}

function refusals({ refusals: refused }) {
  if (refused.length === 0) return null;
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, "Not classified"),
    h("ul", { class: "plain refusals" }, ...refused.map(refusal)),
  );
}

function refusal({ title, code, model, series, facts: why }) {
  const known = Object.entries(why).map(
    ([name, value]) => `${words(name)}: ${[value].flat().join(", ")}`,
  );
  return h(
    "li",
    {},
    h("strong", {}, title),
    h(
      "p",
      { class: "muted" },
      model === null ? "every model" : model,
      " · series ",
      series === null ? "–" : uid(series),
      " · ",
      h("code", {}, code),
    ),
    known.length === 0 ? null : h("p", { class: "muted" }, known.join(" · ")),
  );
}

function rerunNote({ rerun }) {
  if (rerun === null) return null;
  const why = rerun.reason === undefined ? "" : ` (${rerun.reason})`;
  const said = rerun.state === "running" ? "is running" : `failed${why}`;
  return h("p", { class: "muted" }, `Run ${rerun.run} ${said}; shown is the answer before it.`);
}

function runs({ runs: all }) {
  if (all.length === 0) return null;
  const rows = all.map((run) => [
    `${run.number}`,
    run.reason,
    badge(run.state),
    run.current ? badge("current", "info") : badge("superseded", "muted"),
    taskSummary(run.tasks),
    answers(run.predictions),
    moment(run.createdAt),
    run.completedAt === null
      ? "–"
      : duration(Date.parse(run.completedAt) - Date.parse(run.createdAt)),
  ]);
  const heads = ["Run", "Because", "State", "", "Tasks", "Answers", "Planned", "Took"];
  return h("section", { class: "panel" }, h("h2", {}, "Runs"), table("Runs", heads, rows));
}

function taskSummary(tasks) {
  const states = Map.groupBy(tasks, ({ state }) => state);
  return [...states].map(([state, members]) => `${members.length} ${state}`).join(", ") || "none";
}

function answers(given) {
  const said = given.map(({ model, distributions }) => `${model.id}: ${distributions[0]?.display}`);
  return said.join(", ") || "none";
}

function reportLinks({ study }) {
  return h(
    "div",
    { class: "reports" },
    ...REPORTS.map(([name, part]) =>
      h("button", { type: "button", class: "quiet", onclick: () => save(study, part) }, name),
    ),
  );
}

async function save(study, part) {
  try {
    await download(study, part);
  } catch (error) {
    announce(error.message);
    window.alert(`${part}: ${error.message}`);
  }
}

async function download(study, part) {
  const link = h("a", {
    href: await blobUrl(`/api/v1/studies/${study}/${part}`),
    download: `${study}.${part}`,
  });
  link.click();
  URL.revokeObjectURL(link.href);
}
