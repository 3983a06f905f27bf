import { byId } from "./dom.mjs";

const connection = byId("connection");

/**
 * Calls `refresh` now and every `everyMs` while the page is visible, until `signal` is aborted.
 * The first failure is the caller's; later ones are shown in a line above the page until it works
 * again.
 */
export async function poll(everyMs, signal, refresh) {
  await refresh();
  const timer = setInterval(async () => {
    if (document.hidden) return;
    try {
      await refresh();
      connection.hidden = true;
    } catch (error) {
      if (signal.aborted) return;
      connection.textContent = `No news from the server: ${error.message}`;
      connection.hidden = false;
    }
  }, everyMs);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    connection.hidden = true;
  });
}
