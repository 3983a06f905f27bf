import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SECTION = /## A study, by hand\n(.*?)\n## /s;
const BLOCK = /^```(sh|console)\n(.*?)^```/gms;

interface Command {
  readonly line: string;
  /** What the README shows of its output; empty where it shows nothing. */
  readonly shown: string;
}

/** Numbers that differ from run to run, in the README and in what was printed. */
function normalised(text: string): string {
  return text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "URL")
    .replaceAll(/2\.25\.\d+/g, "UID")
    .replaceAll(/…\d+/g, "…UID")
    .replaceAll(/\b\d+ ms\b/g, "MS")
    .replaceAll(/(\d\.\d\d)\d+/g, "$1")
    .replaceAll(/─+/g, "─")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/ $/gm, "")
    .trim();
}

/** Of a console block: lines after "$ ", with those that a backslash continues. */
function commandsOf(block: string): Command[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [, line = "", shown = ""] = /^((?:[^\n]*\\\n)*[^\n]*\n)(.*)$/s.exec(text) ?? [];
      return { line, shown };
    });
}

describe("what the pages print", () => {
  let axial: OneMachine;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-readme-"));
    axial = await startOneMachine(join(ROOT, "models"), { data: join(folder, "data") });
    await writeFile(join(folder, "data", "admin-key"), axial.key);
  }, 300_000);
  afterAll(async () => {
    await axial?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function run(line: string): Promise<string> {
    const script = line
      .replaceAll("http://127.0.0.1:8080", axial.url)
      .replaceAll(/npx axial (send|compare|backfill \w+)/g, `npx axial $1 --url ${axial.url}`)
      .replaceAll("npx axial", `${process.execPath} ${join(ROOT, "cli/src/main.ts")}`);
    const { stdout } = await promisify(execFile)("bash", ["-euc", `${AUTH}\n${script}`], {
      cwd: folder,
      env: {
        ...process.env,
        AXIAL_URL: axial.url,
        AXIAL_MODELS_DIR: join(ROOT, "models"),
        XDG_STATE_HOME: folder,
      },
    });
    return stdout;
  }

  // First: it counts what is stored.
  it("the tutorial of docs/BACKFILL.md works as it is printed, and prints what it says", async () => {
    const tutorial = await readFile(join(ROOT, "docs/BACKFILL.md"), "utf8");
    const blocks = [...tutorial.matchAll(BLOCK)].map(([, , text = ""]) => text);
    expect(blocks.length).toBeGreaterThan(5);
    for (const { line, shown } of blocks.flatMap(commandsOf)) {
      const printed = normalised(await run(line));
      const expected = normalised(shown);
      // A rate is known or not; the dry run says so in its last line.
      expect(printed.slice(0, expected.length), line).toBe(expected);
    }
  });

  it("the study by hand in the README works as it is printed, and prints what it says", async () => {
    const readme = await readFile(join(ROOT, "README.md"), "utf8");
    const [, section = ""] = SECTION.exec(readme) ?? [];
    const blocks = [...section.matchAll(BLOCK)];
    expect(blocks.map(([, kind]) => kind)).toEqual(["console", "console", "sh", "console"]);
    const [, sending, posting, image] = blocks.map(([, , text = ""]) => text);
    for (const { line, shown } of [...commandsOf(sending ?? ""), ...commandsOf(image ?? "")]) {
      const printed = normalised(await run(line));
      const expected = normalised(shown);
      // What `head` cuts off depends on the length of the port.
      const length = Math.min(printed.length, expected.length);
      expect(length).toBeGreaterThanOrEqual(expected.length * 0.9);
      expect(sorted(printed.slice(0, length))).toEqual(sorted(expected.slice(0, length)));
    }
    const study = JSON.parse(await run(posting ?? "").then(lastDocument));
    expect(study.studyUid ?? study.study).toMatch(/^2\.25\./);
  }, 180_000);

  it("the commands of docs/OPERATIONS.md run as they are written", async () => {
    const page = await readFile(join(ROOT, "docs/OPERATIONS.md"), "utf8");
    const commands = [...page.matchAll(BLOCK)]
      .filter(([, kind]) => kind === "console")
      .flatMap(([, , text = ""]) => commandsOf(text));
    expect(commands.length).toBeGreaterThan(10);
    for (const { line, shown } of commands) {
      const printed = normalised(await run(line));
      expect(printed, line).not.toBe("");
      // The audit's figures are an example.
      if (!line.includes("audit")) expect(printed, line).toContain(normalised(shown));
    }
  }, 180_000);
});

const AUTH = 'AUTH="Authorization: Bearer $(cat data/admin-key)"';

/** The rows of a table come in no order. */
const sorted = (text: string) => text.split("\n").toSorted();

/** The last of the JSON documents that were printed one behind the other. */
function lastDocument(printed: string): string {
  return printed.slice(printed.lastIndexOf('{"study'));
}
