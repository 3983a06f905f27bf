import { h } from "./dom.mjs";
import { percent } from "./format.mjs";
import { loadPicture } from "./load-picture.mjs";

/** Window level: name, and centre and width for `window=` (PS3.18 section 8.3.5.1.4). */
const WINDOWS = [
  ["", "as stored"],
  ["40,80", "brain 40 / 80"],
  ["300,1500", "bone 300 / 1500"],
  ["40,400", "soft tissue 40 / 400"],
];

/**
 * A slice large, and its heat map over it as strongly as the slider says; the arrow keys go from
 * slice to slice, Escape closes.
 */
export function openViewer({ items, index, head, model, signal }) {
  const drawn = items.filter((item) => item.href !== undefined);
  let at = drawn.findIndex((item) => item.index === index);
  let loading = new AbortController();
  const slice = h("img", { alt: "", class: "under" });
  const heat = h("img", { alt: "", class: "over" });
  const caption = h("p", { role: "status" });
  const opacity = h("input", { type: "range", min: 0, max: 100, value: 100, id: "heat" });
  const level = h(
    "select",
    { id: "level" },
    ...WINDOWS.map(([value, text]) => h("option", { value }, text)),
    h("option", { value: "own" }, "centre and width …"),
  );
  const own = h("input", {
    "aria-label": "Centre and width, as 40,80",
    pattern: "-?[0-9.]+,[0-9.]+",
    placeholder: "40,80",
    hidden: true,
  });

  /** Neither the picture before nor one that comes late may stand over this caption. */
  function begin() {
    loading.abort();
    loading = new AbortController();
    return AbortSignal.any([signal, loading.signal]);
  }

  function show() {
    const current = drawn[at];
    const share =
      current.probability === null ? "" : ` · ${head.display} ${percent(current.probability)}`;
    caption.textContent = `Slice ${current.index + 1} of ${items.length}${share}`;
    heat.alt = `Slice ${current.index + 1} with the evidence for ${head.display}, ${model.id}`;
    const asked = begin();
    heat.removeAttribute("src");
    slice.removeAttribute("src");
    loadPicture(heat, current.href, asked);
    showSlice(asked);
  }

  /** The slice is asked for when it can be seen: under a full heat map it cannot. */
  function showSlice(asked) {
    if (opacity.value === "100") return;
    const window = level.value === "own" ? own.value : level.value;
    const query = window === "" || !own.checkValidity() ? "" : `?window=${window},linear`;
    loadPicture(slice, `${drawn[at].rendered}${query}`, asked);
  }

  const fade = () => {
    heat.style.opacity = `${Number(opacity.value) / 100}`;
    if (!slice.hasAttribute("src")) showSlice(AbortSignal.any([signal, loading.signal]));
  };
  const relevel = () => {
    own.hidden = level.value !== "own";
    if (opacity.value === "100") opacity.value = "0";
    heat.style.opacity = `${Number(opacity.value) / 100}`;
    showSlice(AbortSignal.any([signal, loading.signal]));
  };
  const step = (by) => {
    at = (at + by + drawn.length) % drawn.length;
    show();
  };

  opacity.addEventListener("input", fade);
  level.addEventListener("change", relevel);
  own.addEventListener("change", relevel);
  const dialog = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Heat map",
      onkeydown: (event) => {
        if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)
          return;
        if (event.key === "ArrowRight") step(1);
        if (event.key === "ArrowLeft") step(-1);
      },
      onclose: () => {
        loading.abort();
        dialog.remove();
      },
    },
    h("div", { class: "stage" }, slice, heat),
    caption,
    h(
      "div",
      { class: "row tools" },
      h("label", { for: "heat" }, "Heat map", opacity),
      h("label", { for: "level" }, "Window", level),
      own,
    ),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", onclick: () => step(-1) }, "← Before"),
      // Not the slider: the arrow keys would move that.
      h("button", { type: "button", autofocus: true, onclick: () => step(1) }, "Next →"),
      h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Close"),
    ),
  );
  document.body.append(dialog);
  signal.addEventListener("abort", () => dialog.remove());
  dialog.showModal();
  show();
}
