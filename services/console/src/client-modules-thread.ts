import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import type { ClientModule } from "./client-modules.ts";

const ENTRY = fileURLToPath(import.meta.resolve("@axial/client"));
/** What a browser loads with a module: not what it imports later, if at all. */
const IMPORTED = /^(?:import|export)\b[^;]*?\sfrom "([^"]+)";/gm;

const modules = new Map<string, ClientModule>();

function visit(name: string): void {
  if (modules.has(name)) return;
  const script = stripTypeScriptTypes(readFileSync(join(dirname(ENTRY), name), "utf8"));
  const etag = `"${createHash("sha256").update(script).digest("base64url")}"`;
  modules.set(name, { name, script, etag });
  for (const [, imported = ""] of script.matchAll(IMPORTED)) {
    if (!imported.startsWith("./")) throw new Error(`${name} imports ${imported}`);
    visit(imported.slice("./".length));
  }
}

visit("index.ts");
parentPort?.postMessage([...modules.values()]);
