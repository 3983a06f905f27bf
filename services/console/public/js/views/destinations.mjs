import { get, post, send } from "../api.mjs";
import { announce, empty, h } from "../dom.mjs";
import { badge, count, moment, uid } from "../format.mjs";

/** Where results go, and what became of them; an operator may send again what did not arrive. */
export async function showDestinations(content, { signal }) {
  const list = h("div");
  const sent = h("div");
  const said = h("p", { class: "said", role: "status" });

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
        : deliveries.map((one) => deliveryCard(one, () => replayOne(one)))),
    );
  }

  async function act(what, work) {
    try {
      said.textContent = await work();
      announce(said.textContent);
      await refresh();
    } catch (error) {
      said.textContent = `${what}: ${error.message}`;
    }
  }

  const replayOne = ({ id }) =>
    act("Not replayed", async () => {
      await post(`/api/v1/deliveries/${id}/replay`);
      return "It is sent again.";
    });

  const actsOn = ({ id, paused }) => ({
    replay: () =>
      act("Not replayed", async () => {
        const { replayed } = await post(`/api/v1/destinations/${id}/replay`);
        return `${replayed} deliveries are sent again.`;
      }),
    pause: () =>
      act("Not changed", async () => {
        await send("PATCH", `/api/v1/destinations/${id}`, { paused: !paused });
        return paused ? "It is sent what was kept back." : "Results are kept back.";
      }),
  });

  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Destinations"),
    said,
    list,
    h("h2", {}, "Deliveries"),
    sent,
  );
  await refresh();
}

function destinationCard(one, { replay, pause }) {
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
      h(
        "div",
        { class: "reports" },
        one.dead === 0
          ? null
          : h("button", { type: "button", class: "primary", onclick: replay }, "Replay the dead"),
        h(
          "button",
          { type: "button", class: "quiet", onclick: pause },
          one.paused ? "Resume" : "Pause",
        ),
      ),
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

function deliveryCard(one, replay) {
  return h(
    "section",
    { class: "panel letter" },
    h(
      "div",
      { class: "title-line" },
      h("h3", {}, `${one.destinationName}: ${one.event}`),
      badge(one.state, "muted"),
      h(
        "div",
        { class: "reports" },
        one.state === "pending"
          ? null
          : h("button", { type: "button", class: "quiet", onclick: replay }, "Send again"),
      ),
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
