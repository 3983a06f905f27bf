/**
 * An element: `h("a", { href: "#/", class: "link" }, "text", child)`. Text is always text, never
 * markup. Properties that begin with `on` are listeners; null and false are left out.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, any>>} properties
 * @param {any[]} children strings, elements, or lists of them
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function setProperty(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "value" || key === "disabled") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * The same for SVG.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, any>>} properties
 * @param {(string | Node)[]} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function s(name, properties = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * An element of `index.html`.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element "${id}"`);
  return element;
}

/** Announces a change to screen readers. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** A table with its head; rows are lists of cells. */
export function table(caption, heads, rows) {
  const cell = (content) => h("td", {}, ...[content].flat());
  return h(
    "div",
    // A wide table is scrolled by the keyboard too.
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map(cell)))),
    ),
  );
}

export function empty(title, hint) {
  return h("div", { class: "empty" }, h("strong", {}, title), h("p", {}, hint));
}
