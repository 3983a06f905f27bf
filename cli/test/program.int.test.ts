import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { COMMAND_FILES, programFor } from "../src/program.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const run = promisify(execFile);

/** What follows "Commands:", a line each. */
const COMMAND_LINE = /^ {2}([a-z-]+)(?:\|[a-z]+)? /gm;

it("lists every command under the file that registers it, in that order", async () => {
  const { stdout } = await run(process.execPath, [MAIN, "--help"]);
  const [, commands = ""] = stdout.split("\nCommands:\n");
  const listed = [...commands.matchAll(COMMAND_LINE)].map(([, name]) => name);
  expect(listed).toEqual([...COMMAND_FILES.flatMap(({ names }) => names), "help"]);
});

it("loads only what the named command needs", async () => {
  const { commands } = await programFor(["status", "--json"]);
  expect(commands.map((command) => command.name())).toEqual(["status", "top"]);
});

it("says that there is no such command", async () => {
  await expect(run(process.execPath, [MAIN, "statsu"])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("unknown command 'statsu'"),
  });
});
