import { actionButton, saidLine } from "../actions.mjs";
import { get, post, send } from "../api.mjs";
import { empty, h } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";
import { live } from "../live.mjs";

/** Where results go, and what became of them; an operator may send again what did not arrive. */
export async function showDestinations(content, { signal }) {
  const list = h("div");
  const sent = h("div");
  const said = saidLine();

  async function refresh() {
    const [{ destinations }, { deliveries }] = await Promise.all([
      get("/api/v1/destinations", {}, { signal }),
      get("/api/v1/deliveries", { limit: 50 }, { signal }),
    ]);
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
    sent.replaceChildren(
      ...(deliveries.length === 0
        ? [h("div", { class: "panel" }, empty("No deliveries", "Nothing has been sent yet."))]
        : deliveries.map((one) => deliveryCard(one, replayOne(one)))),
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
    sent,
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

function deliveryCard(one, again) {
  return h(
    "section",
    { class: "panel letter" },
    h(
      "div",
      { class: "title-line" },
      h("h3", {}, `${one.destinationName}: ${one.event}`),
      badge(one.state, "muted"),
      h("div", { class: "reports" }, one.state === "pending" ? null : again),
    ),
    one.lastError === null ? null : h("p", {}, one.lastError),
    h(
      "p",
      { class: "muted" },
      "study ",
      h("a", { href: `#/studies/${one.study}` }, uid(one.study)),
      ` · run ${one.run} · ${one.attempts} attempts · `,
      moment(one.createdAt),
    ),
  );
}
