import { actionButton, saidLine } from "../actions.mjs";
import { get, post, send } from "../api.mjs";
import { empty, h } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";
import { live } from "../live.mjs";
import { pagedList } from "../paged-list.mjs";

const PAGE = 50;

/** Where results go, and what became of them; an operator may send again what did not arrive. */
export async function showDestinations(content, { signal }) {
  const list = h("div");
  const said = saidLine();

  async function refresh() {
    const { destinations } = await get("/api/v1/destinations", {}, { signal });
    await sent.refresh();
    list.replaceChildren(
      ...(destinations.length === 0
        ? [
            h(
              "div",
              { class: "panel" },
              empty("No destinations", "`axial destination add` makes one."),
            ),
          ]
        : destinations.map((one) => destinationCard(one, actsOn(one)))),
    );
  }

  const replayOne = (one) =>
    actionButton(
      "Send again",
      async () => {
        await post(`/api/v1/deliveries/${one.id}/replay`);
        await refresh();
        return "It is sent again.";
      },
      { said },
    );

  const sent = pagedList({
    caption: "Deliveries, newest first",
    heads: ["To", "What", "Study", "Run", "State", "Attempts", "Last error", "When", ""],
    none: ["No deliveries", "Nothing has been sent yet."],
    read: async (cursor) => {
      const found = await get("/api/v1/deliveries", { limit: PAGE, cursor }, { signal });
      return { rows: found.deliveries, next: found.next };
    },
    row: (one) => deliveryRow(one, replayOne(one)),
    signal,
  });

  const actsOn = ({ id, paused, dead }) => [
    dead === 0
      ? null
      : actionButton(
          "Replay the dead",
          async () => {
            const { replayed } = await post(`/api/v1/destinations/${id}/replay`);
            await refresh();
            return `${replayed} deliveries are sent again.`;
          },
          { tone: "primary", said },
        ),
    actionButton(
      paused ? "Resume" : "Pause",
      async () => {
        await send("PATCH", `/api/v1/destinations/${id}`, { paused: !paused });
        await refresh();
        return paused ? "It is sent what was kept back." : "Results are kept back.";
      },
      { said },
    ),
  ];

  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Destinations"),
    said,
    list,
    h("h2", {}, "Deliveries"),
    ...sent.elements,
  );
  await live(signal, refresh);
}

function destinationCard(one, buttons) {
  const address = one.target.url ?? one.target.folder ?? `${one.target.host}:${one.target.port}`;
  return h(
    "section",
    { class: "panel letter" },
    h(
      "div",
      { class: "title-line" },
      h("h2", {}, one.name),
      badge(one.kind, "muted"),
      one.paused ? badge("paused", "muted") : null,
      h("div", { class: "reports" }, ...buttons),
    ),
    h("p", {}, `${address} · ${one.formats.join(", ") || "notification"}`),
    h(
      "p",
      { class: "muted" },
      `${count(one.pending)} pending · ${count(one.dead)} dead · last delivered `,
      one.deliveredAt === null ? "never" : moment(one.deliveredAt),
    ),
  );
}

function deliveryRow(one, again) {
  return [
    one.destinationName,
    one.event,
    h("a", { href: `#/studies/${one.study}` }, uid(one.study)),
    `${one.run}`,
    badge(one.state),
    count(one.attempts),
    one.lastError ?? "",
    moment(one.deliveredAt ?? one.createdAt),
    one.state === "pending" ? "" : again,
  ];
}
