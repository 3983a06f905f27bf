import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** A fenced block: its language, and the name of the file that it is, if it is one. */
const BLOCK = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms;
/** Of a console block: a line after "$ ", with those that a backslash continues, and what it prints. */
const COMMAND = /^\$ ((?:[^\n]*\\\n)*[^\n]*\n)((?:(?!\$ )[^\n]*\n)*)/gm;
const BEGIN = "@@begin";
const END = "@@end";

/** A page of recipes: files to be there, and a script that marks the output of what shows some. */
interface Recipe {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly script: string;
  /** What the commands of console blocks print, in their order. */
  readonly shown: readonly string[];
}

/** Reads a page; a block with a name behind its language is that file. */
export function readRecipe(markdown: string): Recipe {
  const files: { name: string; text: string }[] = [];
  const script: string[] = [];
  const shown: string[] = [];
  for (const [, language, name, text = ""] of markdown.matchAll(BLOCK)) {
    if (name !== undefined) files.push({ name, text });
    else if (language === "sh") script.push(text);
    else if (language === "console") {
      for (const [, command = "", output = ""] of text.matchAll(COMMAND)) {
        script.push(`echo; echo ${BEGIN}\n${command}echo; echo ${END}\n`);
        shown.push(output.trim());
      }
    } else throw new Error(`a block of ${language} that is not run`);
  }
  return { files, script: script.join(""), shown };
}

/** The page's programs are those that the tests run with; whatever it started ends with it. */
const PRELUDE = `
npx() { shift; "$RECIPE_NODE" "$RECIPE_CLI" "$@"; }
node() { "$RECIPE_NODE" "$@"; }
python3() { command "$RECIPE_PYTHON" "$@"; }
`;

interface Server {
  readonly url: string;
  readonly key: string;
}

/**
 * Runs a recipe from top to bottom in a folder of its own, in which `data/admin-key` is the server's.
 * Resolves with what the commands of its console blocks printed; rejects when a command fails, or
 * after `withinMs`.
 */
export async function runRecipe(
  { files, script }: Recipe,
  { url, key }: Server,
  withinMs: number,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "axial-recipe-"));
  await mkdir(join(folder, "data"));
  await mkdir(join(folder, "node_modules"));
  await symlink(join(ROOT, "node_modules/@axial"), join(folder, "node_modules/@axial"));
  await writeFile(join(folder, "data/admin-key"), key);
  for (const { name, text } of files) await writeFile(join(folder, name), text);
  const child = spawn("bash", ["-euc", PRELUDE + script], {
    cwd: folder,
    // A group of its own, which ends with it: servers that the page starts in the background.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      AXIAL_URL: url,
      AXIAL_API_KEY: key,
      XDG_STATE_HOME: folder,
      RECIPE_NODE: process.execPath,
      RECIPE_CLI: join(ROOT, "cli/src/main.ts"),
      RECIPE_PYTHON: process.env.AXIAL_TEST_PYTHON ?? "python3",
    },
  });
  let said = "";
  let complained = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complained = (complained + chunk.toString()).slice(-8_000);
  });
  const endGroup = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const limit = setTimeout(endGroup, withinMs);
  const closed = once(child, "close");
  const [code] = await once(child, "exit");
  clearTimeout(limit);
  try {
    endGroup();
  } catch {
    // Nothing is left of the group.
  }
  await closed;
  await rm(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`ended with ${code}\n${said.slice(-4_000)}\n${complained}`);
  return said
    .split(`\n${BEGIN}\n`)
    .slice(1)
    .map((part) => part.slice(0, part.indexOf(`\n${END}\n`)).trim());
}
