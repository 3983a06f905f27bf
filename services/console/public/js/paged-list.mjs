import { announce, empty, h, table } from "./dom.mjs";

/**
 * A list that is read page by page. `search()` begins anew; `refresh()` reads the pages that are
 * shown again, and leaves the page alone when nothing changed: what is open or has the focus stays.
 *
 * @param {{
 *   caption: string,
 *   heads: readonly string[],
 *   none: readonly [string, string],
 *   read: (cursor: string) => Promise<{ rows: any[], next: string | null }>,
 *   row: (item: any) => any[],
 *   signal: AbortSignal,
 * }} options
 */
export function pagedList({ caption, heads, none, read: readPage, row, signal }) {
  const element = h("div", { class: "panel" });
  const problem = h("p", { class: "problem-line", role: "alert" });
  /** @type {any[]} */
  let rows = [];
  let pages = 0;
  /** What the page shows, as JSON. */
  let drawn = "";
  /** @type {object | null} */
  let latest = null;

  /** A search overtakes the one before: an answer that comes late is not shown. */
  async function find(wanted, from = "") {
    const mine = {};
    latest = mine;
    let cursor = from;
    const found = from === "" ? [] : [...rows];
    let read = from === "" ? 0 : pages;
    /** @type {string | null} */
    let next = null;
    do {
      const page = await readPage(cursor);
      if (latest !== mine) return;
      found.push(...page.rows);
      read += 1;
      next = page.next;
      cursor = next ?? "";
    } while (next !== null && read < wanted);
    const shown = JSON.stringify([found, next]);
    [rows, pages] = [found, read];
    if (shown === drawn) return;
    drawn = shown;
    element.replaceChildren(...listing(next));
  }

  function listing(next) {
    if (rows.length === 0) return [empty(...none)];
    const found = table(caption, heads, rows.map(row));
    if (next === null) return [found];
    return [found, h("button", { type: "button", onclick: () => more(next) }, "Show more")];
  }

  async function tried(reading) {
    problem.textContent = "";
    try {
      await reading();
      announce(`${rows.length} shown`);
    } catch (error) {
      if (!signal.aborted) problem.textContent = error.message;
    }
  }

  const search = () => tried(() => find(1));
  const more = (next) => tried(() => find(pages + 1, next));

  return { elements: [problem, element], search, refresh: () => find(Math.max(1, pages)) };
}
