import { session, whoAmI } from "./api.mjs";
import { byId, h } from "./dom.mjs";
import { providerSettings, signInAddress, tokenFor } from "./oidc.mjs";
import { showAudit } from "./views/audit.mjs";
import { showBackfill, showBackfills } from "./views/backfills.mjs";
import { showDeadLetters } from "./views/dead-letters.mjs";
import { showDestinations } from "./views/destinations.mjs";
import { showKeys } from "./views/keys.mjs";
import { showModels } from "./views/models.mjs";
import { showNotFound } from "./views/not-found.mjs";
import { showOverview } from "./views/overview.mjs";
import { showSignIn } from "./views/sign-in.mjs";
import { showStudies } from "./views/studies.mjs";
import { showStudy } from "./views/study.mjs";
import { showTenants } from "./views/tenants.mjs";

/**
 * What the key may do; `home`: it is of the tenant that runs the installation.
 *
 * @typedef {{ sender: boolean, operator: boolean, admin: boolean, home: boolean }} May
 * @typedef {{ signal: AbortSignal, parameter: string | undefined, may: May }} ViewContext
 * @type {readonly (readonly [RegExp, (content: HTMLElement, context: ViewContext) => Promise<void>])[]}
 */
const ROUTES = [
  [/^#?\/?$/, showFirst],
  [/^#\/studies$/, showStudies],
  [/^#\/studies\/([0-9.]+)$/, showStudy],
  [/^#\/backfills$/, showBackfills],
  [/^#\/backfills\/([0-9a-f]{32})$/, showBackfill],
  [/^#\/dead$/, showDeadLetters],
  [/^#\/destinations$/, showDestinations],
  [/^#\/models$/, showModels],
  [/^#\/tenants$/, showTenants],
  [/^#\/keys$/, showKeys],
  [/^#\/audit$/, showAudit],
];

/** Operators begin with the installation, others with studies: they may not see the former. */
function showFirst(content, context) {
  return context.may.operator ? showOverview(content, context) : showStudies(content, context);
}

const content = byId("content");
const navigation = byId("navigation");
const signOut = byId("sign-out");
let leave = new AbortController();

/** Shows what the address names; a view may go on working until `signal` is aborted. */
async function show() {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  markSection();
  if (session.key === null) return askToSignIn();
  const [hash = ""] = location.hash.split("?");
  const [pattern, view] = ROUTES.find(([route]) => route.test(hash)) ?? [/^/, showNotFound];
  content.replaceChildren();
  try {
    const may = await rights(signal);
    await view(content, { signal, parameter: pattern.exec(hash)?.[1], may });
    if (!signal.aborted) arrive();
  } catch (error) {
    if (!signal.aborted) showError(error);
  }
}

/** @type {May | null} */
let known = null;

/** What the key may do, asked once; sections that it may not see are not offered. */
async function rights(signal) {
  if (known !== null) return known;
  const { role, home } = await whoAmI({ signal });
  const rank = ["reader", "sender", "operator", "admin"].indexOf(role);
  known = { sender: rank >= 1, operator: rank >= 2, admin: rank >= 3, home };
  for (const link of navigation.querySelectorAll("a[data-role]")) {
    const wanted = link.getAttribute("data-role");
    link.toggleAttribute("hidden", wanted === "admin" ? !known.admin : !known.operator);
  }
  return known;
}

function arrive() {
  const title = content.querySelector("h1");
  title?.focus();
  document.title = `${title?.textContent ?? "Console"} · Axial`;
}

function showError(error) {
  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "That did not work"),
    h(
      "div",
      { class: "panel problem", role: "alert" },
      h("p", {}, error.message),
      error.action ? h("p", { class: "muted" }, error.action) : null,
      h("button", { type: "button", onclick: show }, "Try again"),
    ),
  );
}

function markSection() {
  const signedIn = session.key !== null;
  navigation.hidden = !signedIn;
  signOut.hidden = !signedIn;
  const section = `#/${location.hash.split(/[/?]/)[1] ?? ""}`;
  for (const link of navigation.querySelectorAll("a")) {
    if (link.getAttribute("href") === section) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** What went wrong at the identity provider, until it was said. */
let trouble = null;

async function askToSignIn() {
  const provider = await providerSettings().catch(() => null);
  const leaveToProvider = provider && (async () => location.assign(await signInAddress(provider)));
  showSignIn(content, { begin, leaveToProvider, trouble });
  trouble = null;
}

/** Back from the identity provider: its code becomes the token of this session. */
async function arriveFromProvider() {
  const came = new URL(location.href);
  if (!came.searchParams.has("state")) return;
  history.replaceState(null, "", `${came.pathname}${came.hash}`);
  try {
    session.begin(await tokenFor(await providerSettings(), came));
  } catch (error) {
    trouble = error;
  }
}

async function begin(key) {
  await whoAmI({ key });
  session.begin(key);
  await show();
}

function end() {
  known = null;
  session.end();
  show();
}

signOut.addEventListener("click", end);
window.addEventListener("signed-out", () => {
  if (session.key !== null) end();
});
window.addEventListener("hashchange", show);
arriveFromProvider().then(show);
