import { actionButton, confirmed, saidLine } from "../actions.mjs";
import { get, send } from "../api.mjs";
import { h } from "../dom.mjs";
import { badge, count, moment } from "../format.mjs";
import { live } from "../live.mjs";
import { whenChanged } from "../when-changed.mjs";

/** What is shown of a tenant beside its name and age; null means no limit. */
/** @type {readonly (readonly [setting: string, words: string])[]} */
const SETTINGS = [
  ["weight", "weight in each lane"],
  ["maxConcurrentTasks", "tasks at once"],
  ["maxTasksPerMinute", "tasks a minute"],
  ["quietPeriodSeconds", "quiet period, seconds"],
  ["maxImageBytes", "bytes of images"],
  ["keepImagesDays", "images are kept, days"],
  ["keepStudiesDays", "studies are kept, days"],
  ["keepAuditDays", "audit is kept, days"],
  ["newerInstance", "newer version of an instance"],
  ["deidentify", "de-identification"],
];

/** @type {readonly (readonly [used: string, limit: string, words: string])[]} */
const QUOTAS = [
  ["storedBytes", "maxStoredBytes", "stored bytes"],
  ["storedInstances", "maxStoredInstances", "stored instances"],
  ["pendingTasks", "maxPendingTasks", "pending tasks"],
  ["keys", "maxKeys", "keys"],
  ["requestsThisMinute", "maxRequestsPerMinute", "requests this minute"],
];
/** Tenants whose use is asked for at once. */
const PAGE = 25;

/** Tenants with their limits and what they use of them. */
export async function showTenants(content, { signal, may }) {
  const said = saidLine();
  const list = h("div");
  let wanted = PAGE;
  const more = h("button", { type: "button" }, "Show more");
  more.addEventListener("click", async () => {
    wanted += PAGE;
    await refresh();
  });
  const draw = whenChanged(({ shown, total }) =>
    list.replaceChildren(
      ...shown.map((tenant) => tenantCard(tenant, { may, said, refresh })),
      h("p", { class: "muted" }, `${count(shown.length)} of ${count(total)}`),
      ...(shown.length < total ? [more] : []),
    ),
  );
  async function refresh() {
    const { tenants } = await get("/api/v1/tenants", {}, { signal });
    const shown = await Promise.all(
      tenants.slice(0, wanted).map(({ id }) => get(`/api/v1/tenants/${id}`, {}, { signal })),
    );
    draw({ shown, total: tenants.length });
  }
  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "Tenants"),
    h("p", { class: "muted" }, h("code", {}, "axial tenant set"), " changes limits and retention."),
    said,
    list,
  );
  await live(signal, refresh);
}

function tenantCard(tenant, { may, said, refresh }) {
  const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, `${value}`));
  return h(
    "section",
    { class: "panel" },
    h(
      "div",
      { class: "title-line" },
      h("h2", {}, tenant.id),
      tenant.paused ? badge("paused", "warn") : badge("running", "good"),
      may.home ? h("div", { class: "reports" }, pauseButton(tenant, { said, refresh })) : null,
    ),
    h(
      "dl",
      { class: "facts" },
      fact("since", moment(tenant.createdAt).textContent),
      ...SETTINGS.filter(([name]) => name in tenant).map(([name, words]) =>
        fact(words, tenant[name] ?? "no limit"),
      ),
      ...usage(tenant).map(([name, value]) => fact(name, value)),
    ),
  );
}

/** What a tenant uses of each quota. */
function usage(tenant) {
  return QUOTAS.map(([used, limit, words]) => {
    const most = tenant[limit];
    const of = most === null || most === undefined ? "no limit" : count(most);
    return [words, `${count(tenant.usage[used])} of ${of}`];
  });
}

function pauseButton({ id, paused }, { said, refresh }) {
  const verb = paused ? "Resume" : "Pause";
  return actionButton(
    verb,
    async () => {
      const reason = await confirmed({
        title: `${verb} the tenant ${id}`,
        text: paused
          ? "Its tasks are dispatched again."
          : "None of its tasks are dispatched, STAT included. Studies are still taken in.",
        act: verb,
      });
      if (reason === null) return null;
      await send("PATCH", `/api/v1/tenants/${id}`, { paused: !paused });
      await refresh();
      return `The tenant ${id} is ${paused ? "resumed" : "paused"}.`;
    },
    { said },
  );
}
