import { blobUrl } from "./api.mjs";
import { h } from "./dom.mjs";
import { percent } from "./format.mjs";

/** Slices in their order, each with its heat map where there is one; a click shows it large. */
export function sliceStrip({ slices, heatmaps, distributions, labels, model }, signal) {
  const hrefs = new Map(heatmaps.map(({ slice, href }) => [slice, href]));
  const head = distributions[0];
  const place = placeOfLikeliest(head, labels);
  const items = slices.map((slice, index) => ({
    index,
    href: hrefs.get(index),
    probability: slice.probabilities[head?.name]?.[place] ?? null,
  }));
  if (hrefs.size === 0) return null;
  const open = (index) => lightbox({ items, index, head, model, signal });
  return h(
    "ul",
    { class: "plain strip", "aria-label": `${slices.length} slices` },
    ...items.map((item) => thumbnail(item, signal, open)),
  );
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
  const name = `Slice ${item.index + 1}`;
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
        "aria-label": `${name} ${share}`,
        disabled: item.href === undefined,
        onclick: () => open(item.index),
      },
      picture,
      h("span", {}, `${item.index + 1}`),
      h("span", { class: "muted" }, share),
    ),
  );
}

/** A picture costs the server a decode: only what is on the screen is asked for. */
function loadWhenSeen(picture, href, signal) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    load(picture, href, signal);
  });
  observer.observe(picture);
  signal.addEventListener("abort", () => observer.disconnect());
}

async function load(picture, href, signal) {
  try {
    const url = await blobUrl(href, { signal });
    if (signal.aborted) return URL.revokeObjectURL(url);
    picture.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    picture.src = url;
  } catch (error) {
    if (!signal.aborted) picture.alt = error.message;
  }
}

/** The heat map large; the arrow keys go from slice to slice, Escape closes. */
function lightbox({ items, index, head, model, signal }) {
  const drawn = items.filter((item) => item.href !== undefined);
  let at = drawn.findIndex((item) => item.index === index);
  let loading = new AbortController();
  const picture = h("img", { alt: "" });
  const caption = h("p", { role: "status" });
  const step = (by) => {
    at = (at + by + drawn.length) % drawn.length;
    const { index: slice, href, probability } = drawn[at];
    const share = probability === null ? "" : ` · ${head.display} ${percent(probability)}`;
    caption.textContent = `Slice ${slice + 1} of ${items.length}${share}`;
    picture.alt = `Slice ${slice + 1} with the evidence for ${head.display}, ${model.id}`;
    // Neither the picture before nor one that comes late may stand over this caption.
    loading.abort();
    loading = new AbortController();
    picture.removeAttribute("src");
    load(picture, href, AbortSignal.any([signal, loading.signal]));
  };
  const dialog = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Heat map",
      onkeydown: ({ key }) => {
        if (key === "ArrowRight") step(1);
        if (key === "ArrowLeft") step(-1);
      },
      onclose: () => dialog.remove(),
    },
    picture,
    caption,
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", onclick: () => step(-1) }, "← Before"),
      h("button", { type: "button", onclick: () => step(1) }, "Next →"),
      h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Close"),
    ),
  );
  document.body.append(dialog);
  signal.addEventListener("abort", () => dialog.remove());
  dialog.showModal();
  step(0);
}
