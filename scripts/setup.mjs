// Installs what package-lock.json names, once: plain JavaScript, because it runs before the
// Node that can run TypeScript is there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runningFrom } from "./running-from.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.axial-setup`;
const wanted = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  // `npm ci` empties node_modules first, and with it what these still have to load.
  const running = runningFrom(`${root}node_modules/`);
  if (running.length > 0) {
    console.error(
      `axial: dependencies have changed, and processes run from this folder: ${running.join(", ")}. Stop them first.`,
    );
    process.exit(1);
  }
  console.error("axial: installing dependencies (once)");
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(stamp, wanted);
}
