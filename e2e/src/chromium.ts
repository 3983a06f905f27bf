import { existsSync } from "node:fs";

const PLACES = [
  process.env.AXIAL_TEST_CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A Chromium installed on this machine, or null. None is ever downloaded. */
export function installedChromium(): string | null {
  return PLACES.find((path) => path !== "" && existsSync(path)) ?? null;
}

/** No sandbox as root, and no requests to the browser's vendor. */
export const CHROMIUM_FLAGS: readonly string[] = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
