import { get } from "../api.mjs";
import { empty, h, table } from "../dom.mjs";
import { badge, evidenceBadge, plural, words } from "../format.mjs";
import { live } from "../live.mjs";
import { modelQuality } from "../model-quality.mjs";
import { whenChanged } from "../when-changed.mjs";

const DAYS = 7;
/** Models and their figures change by the minute at most. */
const SELDOM = { leastMs: 10_000, mostMs: 60_000 };

/** The installed models: their cards, versions, evidence, and how each version does here. */
export async function showModels(content, { signal, may }) {
  const list = h("div");
  const draw = whenChanged(({ models, quality, canaries }) =>
    list.replaceChildren(
      ...(models.length === 0
        ? [h("div", { class: "panel" }, empty("No model installed", "Put packages under models/."))]
        : [...Map.groupBy(models, ({ id }) => id).values()].map((versions) =>
            family(versions, { quality, canaries }),
          )),
    ),
  );
  content.replaceChildren(h("h1", { tabindex: "-1" }, "Models"), list);
  await live(
    signal,
    async () => {
      const [{ models }, quality, { canaries }] = await Promise.all([
        get("/api/v1/models", {}, { signal }),
        get("/api/v1/quality", { days: DAYS }, { signal }),
        may.home && may.operator ? get("/api/v1/canaries", {}, { signal }) : { canaries: [] },
      ]);
      // Its ends move with the clock.
      const { from: _from, to: _to, ...figures } = quality;
      draw({ models, quality: figures, canaries });
    },
    SELDOM,
  );
}

/** The versions of one model, the newest first; those that answered lately, or may, are open. */
function family(versions, { quality, canaries }) {
  const newestFirst = versions.toSorted((a, b) =>
    b.version.localeCompare(a.version, "en", { numeric: true }),
  );
  const [newest] = newestFirst;
  return h(
    "section",
    { class: "panel" },
    ...newestFirst.map((pkg) => {
      const part = partOf(pkg, canaries);
      const answered = quality.sources.some(
        ({ model, version }) => model === pkg.id && version === pkg.version,
      );
      if (pkg === newest || part !== null || answered) {
        return h("div", {}, card(pkg, part), modelQuality(pkg, quality));
      }
      return h(
        "details",
        {},
        h("summary", {}, `Version ${pkg.version}`),
        card(pkg, null),
        modelQuality(pkg, quality),
      );
    }),
  );
}

/** Which share of the live studies a version gets; null where none was chosen for its model. */
function partOf({ id, version }, canaries) {
  const chosen = canaries.find(({ model }) => model === id);
  if (chosen?.canary?.version === version) return `canary, ${chosen.percent} % of live studies`;
  if (chosen?.stable.version === version) {
    return chosen.canary === null ? "held in use" : "stable, the rest of the live studies";
  }
  return null;
}

function card(pkg, part) {
  const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  const metrics = Object.entries(pkg.metrics.values).map(([name, value]) => [
    words(name),
    value.toFixed(value >= 100 ? 0 : 3),
  ]);
  return h(
    "div",
    {},
    h(
      "div",
      { class: "title-line" },
      h("h2", {}, pkg.title),
      evidenceBadge(pkg.evidence, pkg.statement),
      part === null ? null : badge(part, "info"),
      pkg.workers === 0 ? badge("no worker", "bad") : badge(plural(pkg.workers, "worker"), "good"),
    ),
    h("p", {}, pkg.intendedUse),
    h("p", { class: "muted" }, pkg.statement),
    h(
      "dl",
      { class: "facts" },
      fact("Id", h("code", {}, `${pkg.id} ${pkg.version}`)),
      fact("Modality", pkg.modality.join(", ")),
      ...pkg.heads.map((head) => fact(words(head.name), plural(head.labels.length, "label"))),
      fact("Weights", h("code", { title: pkg.sha256 }, `${pkg.sha256.slice(0, 12)}…`)),
    ),
    metrics.length === 0
      ? null
      : h(
          "details",
          {},
          h("summary", {}, `Measured on: ${pkg.metrics.data}`),
          table("Figures of the model's card", ["Figure", "Value"], metrics),
        ),
    h(
      "details",
      {},
      h("summary", {}, "Labels"),
      ...pkg.heads.map((head) =>
        h("p", {}, `${words(head.name)}: ${head.labels.map(({ display }) => display).join(", ")}`),
      ),
    ),
  );
}
