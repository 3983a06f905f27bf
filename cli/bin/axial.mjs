#!/usr/bin/env node
// Runs the TypeScript of the command with the Node that the clone brings: `npx` may have started
// this file with an older one.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { whenNpmEnds } from "./npm-starter.mjs";

const own = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const child = spawn(existsSync(own) ? own : process.execPath, [main, ...process.argv.slice(2)], {
  // The channel tells the child when this process is gone.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// A Ctrl-C in the terminal reaches the child by itself; this process only waits for its end.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
whenNpmEnds(() => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
