import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { checkLayout } from "./layout/check.ts";

const SOURCES = [
  "libs/*/src/**/*.ts",
  "services/*/src/**/*.ts",
  "services/*/public/**/*.mjs",
  "{tools,cli,bench,e2e,deploy}/src/**/*.ts",
];

const sources = new Map(globSync(SOURCES).map((file) => [file, readFileSync(file, "utf8")]));
const violations = checkLayout(sources, folders());
for (const violation of violations) console.error(violation);
console.log(`layout: ${sources.size} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;

/** Folders at the top, and in `libs` and `services`, of files that are or would be committed. */
function folders(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const found = listed.split("\n").flatMap((path) => {
    const [top = "", second, third] = path.split("/");
    if (second === undefined || top.startsWith(".")) return [];
    return third !== undefined && /^(libs|services)$/.test(top) ? [top, `${top}/${second}`] : [top];
  });
  return [...new Set(found)];
}
