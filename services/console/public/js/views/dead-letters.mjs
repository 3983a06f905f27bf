import { get, post } from "../api.mjs";
import { announce, empty, h } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";
import { showDeadCount } from "./overview.mjs";

/** Dead tasks, which an operator may replay. */
export async function showDeadLetters(content, { signal }) {
  const list = h("div");
  const said = h("p", { class: "said", role: "status" });
  const form = filterForm(() => act("Not filtered", async () => ""));
  const filter = () =>
    Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));

  async function search() {
    const page = await get("/api/v1/dlq", filter(), { signal });
    showDeadCount(page.total);
    list.replaceChildren(
      ...(page.tasks.length === 0
        ? [h("div", { class: "panel" }, empty("No dead letters", "Every task found its end."))]
        : [h("p", { class: "muted" }, `${count(page.total)} in all`), ...page.tasks.map(card)]),
    );
  }

  async function act(what, work) {
    try {
      said.textContent = await work();
      announce(said.textContent);
      await search();
    } catch (error) {
      said.textContent = `${what}: ${error.message}`;
    }
  }

  const card = (letter) => deadLetter(letter, actsOn(letter, act));

  const replayAll = () =>
    act("Not replayed", async () => {
      const wanted = { filter: filter() };
      const { matched } = await post("/api/v1/dlq/replay", { ...wanted, dryRun: true });
      if (!window.confirm(`Try ${matched} tasks again?`)) return "Nothing was replayed.";
      const { replayed } = await post("/api/v1/dlq/replay", wanted);
      return `${replayed} tasks are tried again.`;
    });

  form.append(h("button", { type: "button", onclick: replayAll }, "Replay what matches"));
  content.replaceChildren(h("h1", { tabindex: "-1" }, "Dead letters"), form, said, list);
  await search();
}

function actsOn({ task }, act) {
  return {
    replay: () =>
      act("Not replayed", async () => {
        await post(`/api/v1/dlq/${task}/replay`);
        return "It is tried again.";
      }),
    discard: () =>
      act("Not discarded", async () => {
        await post(`/api/v1/dlq/${task}/discard`);
        return "It is off the list.";
      }),
  };
}

function filterForm(search) {
  const field = (name, label) => h("label", {}, label, h("input", { name, maxlength: 63 }));
  return h(
    "form",
    {
      class: "filters",
      onsubmit: (event) => {
        event.preventDefault();
        search();
      },
    },
    field("model", "Model"),
    field("code", "Error code"),
    h("button", { type: "submit" }, "Filter"),
  );
}

function deadLetter(letter, { replay, discard }) {
  return h(
    "section",
    { class: "panel letter" },
    h(
      "div",
      { class: "title-line" },
      h("h2", {}, letter.code ?? "unknown"),
      badge(letter.lane, "muted"),
      h(
        "div",
        { class: "reports" },
        h("button", { type: "button", class: "primary", onclick: replay }, "Replay"),
        h("button", { type: "button", class: "quiet", onclick: discard }, "Discard"),
      ),
    ),
    letter.detail === null ? null : h("p", {}, letter.detail),
    h(
      "p",
      { class: "muted" },
      `${letter.model} ${letter.version} · study `,
      h("a", { href: `#/studies/${letter.study}` }, uid(letter.study)),
      ` · ${letter.failures} failures · died `,
      moment(letter.diedAt),
    ),
    h(
      "details",
      {},
      h("summary", {}, `History (${letter.history.length})`),
      h(
        "ol",
        {},
        ...letter.history.map(({ attempt, at, code, detail }) =>
          h(
            "li",
            {},
            `attempt ${attempt} · `,
            moment(at),
            ` · ${code}${detail ? `: ${detail}` : ""}`,
          ),
        ),
      ),
    ),
  );
}
