import { actionButton, confirmed, saidLine } from "../actions.mjs";
import { get, post, send } from "../api.mjs";
import { empty, h, table } from "../dom.mjs";
import { badge, moment } from "../format.mjs";
import { choice, field, filled } from "../forms.mjs";
import { live } from "../live.mjs";
import { whenChanged } from "../when-changed.mjs";

const ROLES = ["reader", "sender", "operator", "admin"];

/** The tenant's API keys; a new one is shown once. */
export async function showKeys(content, { signal }) {
  const said = saidLine();
  const list = h("div", { class: "panel" });
  const made = h("div");
  const draw = whenChanged((keys) =>
    list.replaceChildren(
      keys.length === 0
        ? empty("No keys", "The administrator's key is the only one.")
        : table(
            "API keys",
            ["Name", "Role", "For", "Tenant", "Made", "Expires", "State", ""],
            keys.map((key) => keyRow(key, { said, refresh })),
          ),
    ),
  );

  async function refresh() {
    draw((await get("/api/v1/keys", {}, { signal })).keys);
  }

  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "API keys"),
    said,
    newKeyForm({ said, made, refresh }),
    made,
    list,
  );
  await live(signal, refresh);
}

function newKeyForm({ said, made, refresh }) {
  const form = h(
    "form",
    { class: "filters panel", onsubmit: (event) => event.preventDefault() },
    field("name", "Name", { maxlength: 100, required: true }),
    choice(
      "role",
      "Role",
      ROLES.map((role) => [role, role]),
    ),
    field("reason", "Reason, for the audit", { maxlength: 1000 }),
    actionButton(
      "Make a key",
      async () => {
        if (!form.reportValidity()) return null;
        const { key, name } = await post("/api/v1/keys", filled(form));
        made.replaceChildren(shownOnce(name, key));
        form.reset();
        await refresh();
        return `The key ${name} is made.`;
      },
      { tone: "primary", said },
    ),
  );
  return form;
}

function shownOnce(name, key) {
  return h(
    "section",
    { class: "panel why" },
    h("h2", {}, `The key ${name}`),
    h("p", {}, "It is shown this once: copy it now."),
    h("code", { class: "whole" }, key),
  );
}

function keyRow(key, { said, refresh }) {
  const { id, name, role, tenant, createdAt, expiresAt, revokedAt } = key;
  const revoke = actionButton(
    "Revoke",
    async () => {
      const reason = await confirmed({
        title: `Revoke the key ${name}`,
        text: "Requests with it are refused within five seconds. This cannot be undone.",
        act: "Revoke",
        reason: "asked",
      });
      if (reason === null) return null;
      const query = reason === "" ? "" : `?${new URLSearchParams({ reason })}`;
      await send("DELETE", `/api/v1/keys/${id}${query}`);
      await refresh();
      return `The key ${name} is revoked.`;
    },
    { said },
  );
  return [
    name,
    role,
    [key.lanes, key.models, key.aeTitles].flatMap((only) => only ?? []).join(", "),
    tenant,
    moment(createdAt),
    expiresAt === null ? "" : moment(expiresAt),
    stateOf(key),
    revokedAt === null ? revoke : moment(revokedAt),
  ];
}

function stateOf({ expiresAt, revokedAt }) {
  if (revokedAt !== null) return badge("revoked", "muted");
  const expired = expiresAt !== null && new Date(expiresAt) <= new Date();
  return expired ? badge("expired", "muted") : badge("valid", "good");
}
