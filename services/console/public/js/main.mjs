import { checkKey, session } from "./api.mjs";
import { byId, h } from "./dom.mjs";
import { showDeadLetters } from "./views/dead-letters.mjs";
import { showDestinations } from "./views/destinations.mjs";
import { showModels } from "./views/models.mjs";
import { showOverview } from "./views/overview.mjs";
import { showSignIn } from "./views/sign-in.mjs";
import { showStudies } from "./views/studies.mjs";
import { showStudy } from "./views/study.mjs";

/**
 * @typedef {{ signal: AbortSignal, parameter: string | undefined }} ViewContext
 * @type {readonly (readonly [RegExp, (content: HTMLElement, context: ViewContext) => Promise<void>])[]}
 */
const ROUTES = [
  [/^#?\/?$/, showOverview],
  [/^#\/studies$/, showStudies],
  [/^#\/studies\/([0-9.]+)$/, showStudy],
  [/^#\/dead$/, showDeadLetters],
  [/^#\/destinations$/, showDestinations],
  [/^#\/models$/, showModels],
];

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
  if (session.key === null) return showSignIn(content, begin);
  const [hash = ""] = location.hash.split("?");
  const [pattern, view] = ROUTES.find(([route]) => route.test(hash)) ?? [/^/, showOverview];
  content.replaceChildren();
  try {
    await view(content, { signal, parameter: pattern.exec(hash)?.[1] });
    if (!signal.aborted) arrive();
  } catch (error) {
    if (!signal.aborted) showError(error);
  }
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

async function begin(key) {
  await checkKey(key);
  session.begin(key);
  await show();
}

function end() {
  session.end();
  show();
}

signOut.addEventListener("click", end);
window.addEventListener("signed-out", () => {
  if (session.key !== null) end();
});
window.addEventListener("hashchange", show);
show();
