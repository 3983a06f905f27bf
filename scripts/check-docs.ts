import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";

/**
 * Checks what documents and comments refer to: files that they name exist, and so do the
 * invariants and decisions that they cite by number. Each decision has date and status, and is
 * listed under its title.
 */
const DOCUMENTS = globSync(["*.md", "docs/**/*.md", "deploy/**/*.md", "training/*.md"]).filter(
  (file) => file !== "CHANGELOG.md" && !file.includes("node_modules"),
);
const SOURCES = globSync([
  "{libs,services}/*/{src,test}/**/*.ts",
  "{tools,cli,bench,e2e,deploy,docker}/**/*.ts",
]).filter((file) => !file.includes("node_modules"));

const ROOTS = "bench|cli|deploy|docker|docs|e2e|libs|models|scripts|services|tools|training";
const NAMED = new RegExp(`\`((?:${ROOTS})/[\\w./-]*)\``, "g");
/** Written by commands, with a placeholder in capitals for what the reader names. */
const GENERATED = /^docker\/\.env$|^training\/runs\/[A-Z]+$/;
const LINKED = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g;
const CONFLICT = /^(<{7}|={7}|>{7})( |$)/m;
const INVARIANT = /\binvariant (\d+)/g;
const DECISION = /\bdecision (\d+)|\badr\/(\d{4})/g;

const numbered = (file: string, pattern: RegExp) =>
  new Set([...readFileSync(file, "utf8").matchAll(pattern)].map(([, number]) => Number(number)));
const invariants = numbered("docs/ARCHITECTURE.md", /^(\d+)\. \*\*/gm);
const decisions = numbered("docs/adr/README.md", /^\| \[(\d+)\]/gm);

const problems = [
  ...DOCUMENTS.flatMap((file) => [...missingFiles(file), ...missingNumbers(file)]),
  ...["CHANGELOG.md", ...DOCUMENTS]
    .filter(isHalfMerged)
    .map((file) => `${file}: a merge is not done`),
  ...SOURCES.flatMap(missingNumbers),
  ...globSync("docs/adr/0*.md").flatMap(badDecision),
];

function isHalfMerged(file: string): boolean {
  return CONFLICT.test(readFileSync(file, "utf8"));
}

function missingFiles(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const linked = [...text.matchAll(LINKED)]
    .map(([, target = ""]) => target)
    .filter((target) => !target.includes(":"))
    .map((target) => normalize(join(dirname(file), target)));
  const named = [...text.matchAll(NAMED)].map(([, path = ""]) => path);
  return [...linked, ...named]
    .filter((path) => !existsSync(path) && !GENERATED.test(path))
    .map((path) => `${file}: ${path} does not exist`);
}

function missingNumbers(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [
    ...[...text.matchAll(INVARIANT)]
      .filter(([, number]) => !invariants.has(Number(number)))
      .map(([cited]) => `${file}: ${cited} is not in docs/ARCHITECTURE.md`),
    ...[...text.matchAll(DECISION)]
      .filter(([, word, path]) => !decisions.has(Number(word ?? path)))
      .map(([cited]) => `${file}: ${cited} is not in docs/adr/README.md`),
  ];
}

function badDecision(file: string): string[] {
  const header = /^# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\. Status: (\w+)/;
  const [, number, title, date, status] = readFileSync(file, "utf8").match(header) ?? [];
  if (number === undefined) return [`${file}: no title, or no line with date and status, on top`];
  const row = `| [${number}](${basename(file)}) | ${title} | ${date} | ${status} |`;
  return readFileSync("docs/adr/README.md", "utf8").split("\n").includes(row)
    ? []
    : [`docs/adr/README.md lacks: ${row}`];
}

for (const problem of problems) console.error(problem);
console.log(`documents: ${DOCUMENTS.length} read, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
