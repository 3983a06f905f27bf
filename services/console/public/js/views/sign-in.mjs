import { h } from "../dom.mjs";

/**
 * Asks for a key; `begin(key)` rejects when it is not valid. `leaveToProvider` leads to the identity
 * provider, or null without one. `trouble` is what went wrong there.
 */
export function showSignIn(content, { begin, leaveToProvider, trouble }) {
  const problem = h("p", { class: "problem-line", role: "alert" });
  const input = h("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    placeholder: "axial_…",
  });
  const button = h("button", { type: "submit", class: "primary" }, "Open the console");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      await begin(input.value.trim());
    } catch (error) {
      problem.textContent = error.status === 401 ? "This key is not valid." : error.message;
      input.select();
    } finally {
      button.disabled = false;
    }
  };
  const show = (error) => {
    problem.textContent = error.message;
  };
  if (trouble !== null) show(trouble);
  content.replaceChildren(
    h(
      "form",
      { class: "panel sign-in", onsubmit: submit },
      h("h1", {}, "Axial console"),
      leaveToProvider === null
        ? null
        : h(
            "button",
            { type: "button", class: "primary", onclick: () => leaveToProvider().catch(show) },
            "Sign in with your account",
          ),
      h("label", { for: "key" }, "API key"),
      input,
      h("p", { class: "muted" }, "It stays in this tab and is forgotten when the tab closes."),
      problem,
      button,
    ),
  );
  input.focus();
}
