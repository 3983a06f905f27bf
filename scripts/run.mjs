// Installs what is missing, then runs a TypeScript file with the Node that was installed: the shell
// that started this one remembers where it found `node`, and that may be an old one.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { whenNpmEnds } from "../cli/bin/npm-starter.mjs";
import "./setup.mjs";

const node = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
// The channel tells the child when this process is gone.
const child = spawn(node, process.argv.slice(2), {
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// A Ctrl-C in the terminal reaches the child by itself; this process only waits for its end.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
whenNpmEnds(() => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
