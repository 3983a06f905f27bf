import { announce, empty, h, table } from "./dom.mjs";

/**
 * A list that is read page by page. `search()` begins anew; while nothing but the first page is
 * shown, `refresh()` reads that again.
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
export function pagedList({ caption, heads, none, read, row, signal }) {
  const element = h("div", { class: "panel" });
  const problem = h("p", { class: "problem-line", role: "alert" });
  /** @type {any[]} */
  let rows = [];
  let pages = 0;
  /** @type {object | null} */
  let latest = null;

  /** A search overtakes the one before: an answer that comes late is not shown. */
  async function find(cursor) {
    const mine = {};
    latest = mine;
    const page = await read(cursor);
    if (latest !== mine) return;
    rows = cursor === "" ? page.rows : [...rows, ...page.rows];
    pages = cursor === "" ? 1 : pages + 1;
    element.replaceChildren(...listing(page.next));
  }

  function listing(next) {
    if (rows.length === 0) return [empty(...none)];
    const found = table(caption, heads, rows.map(row));
    if (next === null) return [found];
    return [found, h("button", { type: "button", onclick: () => search(next) }, "Show more")];
  }

  async function search(cursor = "") {
    problem.textContent = "";
    try {
      await find(cursor);
      announce(`${rows.length} shown`);
    } catch (error) {
      if (!signal.aborted) problem.textContent = error.message;
    }
  }

  return {
    elements: [problem, element],
    search,
    refresh: async () => {
      if (pages <= 1) await find("");
    },
  };
}
