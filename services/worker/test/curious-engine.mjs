// Loaded into every process of a worker by NODE_OPTIONS. In an engine it does what hostile pixels
// that run code would try first, and prints what came of it as one line of JSON.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const isEngine = isMainThread && process.argv[1]?.endsWith("/engine/main.ts");

if (isEngine) {
  const asked = new URL(import.meta.url).searchParams;
  const found = {
    environment: Object.keys(process.env),
    folder: process.cwd(),
    parent: tried(() => readFileSync(`/proc/${process.ppid}/environ`, "utf8")),
    file: tried(() => readFileSync(asked.get("file"), "utf8")),
    written: tried(() => writeFileSync(asked.get("file"), "x")),
    started: tried(() => execFileSync("/bin/true")),
    database: await connected(asked.get("database")),
  };
  process.stdout.write(`${JSON.stringify({ msg: "engine tried", found })}\n`);
}

function tried(act) {
  try {
    act();
    return "done";
  } catch ({ code }) {
    return code;
  }
}

/** How a login at `address` without a password ends; the client also looks into the environment. */
async function connected(address) {
  if (address === null) return null;
  const { createLogger, openQueues } = await import("@axial/kit");
  const logger = createLogger({ service: "test", level: "silent" });
  const queues = openQueues(address, { logger });
  try {
    await queues.ping();
    return "done";
  } catch ({ message }) {
    return message;
  } finally {
    await queues.close();
  }
}
