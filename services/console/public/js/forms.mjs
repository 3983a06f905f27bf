import { h } from "./dom.mjs";

/**
 * A field with its label.
 *
 * @param {string} name
 * @param {string} label
 * @param {Readonly<Record<string, any>>} properties
 */
export function field(name, label, properties = {}) {
  return h("label", {}, label, h("input", { name, ...properties }));
}

/**
 * A choice between `[value, text]` pairs.
 *
 * @param {string} name
 * @param {string} label
 * @param {readonly (readonly string[])[]} options
 * @param {string} chosen
 */
export function choice(name, label, options, chosen = "") {
  const items = options.map(([value, text]) =>
    h("option", { value, selected: value === chosen }, text ?? value),
  );
  return h("label", {}, label, h("select", { name }, ...items));
}

/** A choice that may be left open. */
export function filterBy(name, label, values) {
  return choice(name, label, [["", "any"], ...values.map((value) => [value, value])]);
}

/**
 * A form that searches when it is sent and when a choice is made.
 *
 * @param {() => void} search
 * @param {any[]} children
 */
export function searchForm(search, ...children) {
  return h(
    "form",
    {
      class: "filters",
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        search();
      },
      onchange: ({ target }) => {
        if (target instanceof HTMLSelectElement) search();
      },
    },
    ...children,
    h("button", { type: "submit" }, "Search"),
  );
}

/** What a form holds, without what is empty. */
export function filled(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
}
