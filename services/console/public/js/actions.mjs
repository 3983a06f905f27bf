import { announce, h } from "./dom.mjs";

/**
 * A button whose click does `work` and says what came of it. `work` returns what to say, or null
 * when the person changed their mind.
 *
 * @param {string} label
 * @param {() => Promise<string | null>} work
 * @param {{ tone?: string, said: HTMLElement }} options `said` shows the outcome
 */
export function actionButton(label, work, { tone = "quiet", said }) {
  const button = h("button", { type: "button", class: tone }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const outcome = await work();
      if (outcome !== null) say(said, outcome);
    } catch (error) {
      say(said, `${label}: ${error.message}${error.action ? ` ${error.action}` : ""}`, "bad");
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

/** The line in which a page says what came of its actions. */
export function saidLine() {
  return h("p", { class: "said", role: "status" });
}

function say(line, text, tone = "") {
  line.className = `said ${tone}`;
  line.textContent = text;
  announce(text);
}

/**
 * Asks before something is done. Resolves with the reason, which may be empty, or with null when
 * the person does not want it.
 *
 * @param {{ title: string, text: string, act: string, reason?: "asked" | "required" }} question
 * @returns {Promise<string | null>}
 */
export function confirmed({ title, text, act, reason }) {
  const { promise, resolve } = Promise.withResolvers();
  const input = h("input", { id: "reason", maxlength: 1000, required: reason === "required" });
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", {}, title),
    h("p", {}, text),
    reason === undefined ? null : h("label", { for: "reason" }, "Reason, for the audit", input),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", onclick: () => dialog.close() }, "Leave it"),
      h("button", { type: "submit", class: "primary" }, act),
    ),
  );
  form.addEventListener("submit", () => resolve(input.value.trim()));
  const dialog = h("dialog", { class: "question", "aria-label": title }, form);
  dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(null);
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
