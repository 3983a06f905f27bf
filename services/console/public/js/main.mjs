import { whoAmI } from "./api.mjs";
import { byId, h } from "./dom.mjs";
import { arrival, providerSettings, signInAddress } from "./oidc.mjs";
import { session } from "./session.mjs";
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
const ended = byId("sign-in-ended");
let leave = new AbortController();

/** Shows what the address names; a view may go on working until `signal` is aborted. */
async function show() {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  markSection();
  if (!session.active) return askToSignIn();
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
  const signedIn = session.active;
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
  showSignIn(content, { begin, leaveToProvider: provider && leaving(provider), trouble });
  trouble = null;
}

/** Leaves for the identity provider, and comes back to what is open now. */
function leaving(provider, { silent = false } = {}) {
  return async () =>
    location.assign(await signInAddress(provider, { silent, hash: location.hash }));
}

/**
 * Back from the identity provider: its code becomes the tokens of this session. A page that was
 * loaded again has forgotten them: it asks there without a word, and stays when that works.
 */
async function arriveFromProvider() {
  const came = new URL(location.href);
  if (!came.searchParams.has("state")) {
    if (session.atProvider && !session.active) await resume();
    return;
  }
  history.replaceState(null, "", `${came.pathname}${came.hash}`);
  try {
    const provider = await providerSettings();
    if (provider === null) return;
    const { tokens, hash } = await arrival(provider, came);
    if (provider !== null) session.beginAtProvider(provider, tokens);
    history.replaceState(null, "", `${came.pathname}${hash}`);
  } catch (error) {
    session.end();
    trouble = error;
  }
}

/** Does not resolve when the page is left. */
async function resume() {
  try {
    const provider = await providerSettings();
    if (provider === null) return;
    await leaving(provider, { silent: true })();
    await new Promise(() => {});
  } catch (error) {
    session.end();
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
  ended.hidden = true;
  session.end();
  show();
}

/**
 * The provider's token has expired and cannot be renewed. What is open stays as it is, so that
 * nothing that was written is lost: the person says when to leave, and comes back to it.
 */
async function sayThatSignInEnded() {
  if (!ended.hidden) return;
  const provider = await providerSettings().catch(() => null);
  if (provider === null) return end();
  const leave = () => leaving(provider)().catch(showError);
  ended.replaceChildren(
    "Your sign-in has ended. What is open here stays until you go on. ",
    h("button", { type: "button", onclick: leave }, "Sign in again"),
  );
  ended.hidden = false;
}

signOut.addEventListener("click", end);
window.addEventListener("signed-out", () => {
  if (session.atProvider) sayThatSignInEnded();
  else if (session.active) end();
});
window.addEventListener("hashchange", show);
arriveFromProvider().then(show);
