import { h } from "../dom.mjs";

/** An address that names nothing. */
export async function showNotFound(content) {
  content.replaceChildren(
    h("h1", { tabindex: "-1" }, "There is no such page"),
    h(
      "div",
      { class: "panel" },
      h("p", {}, "The console has nothing at ", h("code", {}, location.hash), "."),
      h("a", { href: "#/" }, "Overview"),
    ),
  );
}
