import { h } from "./dom.mjs";
import { percent } from "./format.mjs";
import { loadPicture } from "./load-picture.mjs";
import { openViewer } from "./slice-viewer.mjs";

/** Slices in their order, each with its heat map where there is one; a click shows it large. */
export function sliceStrip(
  { slices, heatmaps, distributions, labels, model, series },
  study,
  signal,
) {
  const hrefs = new Map(heatmaps.map(({ slice, href }) => [slice, href]));
  const head = distributions[0];
  const place = placeOfLikeliest(head, labels);
  const items = slices.map((slice, index) => ({
    index,
    href: hrefs.get(index),
    rendered: renderedAt({ study: study.study, series, ...slice }),
    probability: slice.probabilities[head?.name]?.[place] ?? null,
  }));
  if (hrefs.size === 0) return null;
  const open = (index) => openViewer({ items, index, head, model, signal });
  return h(
    "ul",
    { class: "plain strip", "aria-label": `${slices.length} slices` },
    ...items.map((item) => thumbnail(item, signal, open)),
  );
}

/** Where the slice is rendered without its heat map (PS3.18 section 8.3); frames count from 1. */
function renderedAt({ study, series, sopInstanceUid, frame }) {
  const instance = `/dicom-web/studies/${study}/series/${series}/instances/${sopInstanceUid}`;
  return `${instance}/frames/${frame + 1}/rendered`;
}

/**
 * Where each slice's probabilities have the label that is most probable for the series; -1 where
 * that is not known. The keys of `probabilities` come in any order; `labels` has the right one.
 */
export function placeOfLikeliest(head, labels) {
  const ranked = Object.entries(head?.probabilities ?? {}).toSorted(([, a], [, b]) => b - a);
  return labels?.[head?.name]?.indexOf(ranked[0]?.[0]) ?? -1;
}

function thumbnail(item, signal, open) {
  const share = item.probability === null ? "" : percent(item.probability);
  const picture = h("img", { alt: "", width: 96, height: 96 });
  if (item.href !== undefined) loadWhenSeen(picture, item.href, signal);
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "slice",
        disabled: item.href === undefined,
        onclick: () => open(item.index),
      },
      picture,
      h("span", {}, h("span", { class: "unseen" }, "Slice "), `${item.index + 1}`),
      " ",
      h("span", { class: "muted" }, share),
    ),
  );
}

/** A picture costs the server a decode: only what is on the screen is asked for. */
function loadWhenSeen(picture, href, signal) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    loadPicture(picture, href, signal);
  });
  observer.observe(picture);
  signal.addEventListener("abort", () => observer.disconnect());
}
