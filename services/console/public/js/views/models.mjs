import { get } from "../api.mjs";
import { empty, h, table } from "../dom.mjs";
import { badge, evidenceBadge, plural, words } from "../format.mjs";
import { modelQuality } from "../model-quality.mjs";

/** The installed models: their cards, versions and evidence. */
export async function showModels(content, { signal }) {
  const [{ models }, quality] = await Promise.all([
    get("/api/v1/models", {}, { signal }),
    get("/api/v1/quality", { days: 7 }, { signal }),
  ]);
  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Models"),
    ...(models.length === 0
      ? [h("div", { class: "panel" }, empty("No model installed", "Put packages under models/."))]
      : [...Map.groupBy(models, ({ id }) => id).values()].map((versions) =>
          family(versions, quality),
        )),
  );
}

/** The versions of one model: the one that workers serve is shown, the others are named. */
function family(versions, quality) {
  const [shown, ...others] = versions.toSorted((a, b) => b.workers - a.workers);
  return h(
    "section",
    { class: "panel" },
    card(shown),
    modelQuality(shown, quality),
    others.length === 0
      ? null
      : h(
          "p",
          { class: "muted" },
          `Installed too: ${others.map(({ version }) => version).join(", ")}.`,
        ),
  );
}

function card(pkg) {
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
