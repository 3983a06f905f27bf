import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startOneMachine } from "../e2e/src/one-machine.ts";

/** What the gateway of a cluster serves: all services' routes, as one process has them. */
const TARGET = fileURLToPath(new URL("../services/gateway/open-api.json", import.meta.url));

const machine = await startOneMachine();
try {
  const answer = await fetch(`${machine.url}/openapi.json`);
  const document: unknown = await answer.json();
  await writeFile(TARGET, `${JSON.stringify(document, null, 1)}\n`);
  console.log(`written: ${TARGET}`);
} finally {
  await machine.stop();
}
