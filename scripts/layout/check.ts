import { dirname, join } from "node:path/posix";
import { findCircles } from "./circles.ts";
import { OTHER_FOLDERS, USE_RULES, WORKSPACES } from "./rules.ts";

/** Text of each source file by its path from the top of the repository. */
type Sources = ReadonlyMap<string, string>;

/** What breaks the rules of the layout, a sentence each. */
export function checkLayout(sources: Sources, folders: readonly string[]): string[] {
  return [
    ...unknownFolders(folders),
    ...[...sources].flatMap(([file, text]) => [
      ...forbiddenUses(file, text),
      ...crossings(file, text),
    ]),
    ...circles(sources),
  ];
}

/** `folders`: those at the top, and those in `libs` and `services`. */
function unknownFolders(folders: readonly string[]): string[] {
  const known = new Set([...Object.keys(WORKSPACES), ...OTHER_FOLDERS]);
  return folders
    .filter((folder) => !known.has(folder))
    .map((folder) => `${folder}/: a folder that scripts/layout/rules.ts does not know`);
}

function forbiddenUses(file: string, text: string): string[] {
  return USE_RULES.filter(({ what, allowed }) => what.test(text) && !allowed.test(file)).map(
    ({ why }) => `${file}: ${why}`,
  );
}

/** Imports of other workspaces that the table does not allow, or that bypass their exports. */
function crossings(file: string, text: string): string[] {
  const workspace = workspaceOf(file);
  const allowed = WORKSPACES[workspace] ?? [];
  const own = workspace.split("/").at(-1);
  return [...new Set(importsOf(text))].flatMap((specifier) => {
    const [, imported] = /^@axial\/([a-z0-9-]+)/.exec(specifier) ?? [];
    if (imported !== undefined && imported !== own && !allowed.includes(imported)) {
      return [`${file}: ${workspace} may not import @axial/${imported}`];
    }
    const target = resolve(file, specifier);
    return target !== null && !target.startsWith(`${workspace}/`)
      ? [`${file}: reaches into another workspace by ${specifier}`]
      : [];
  });
}

function circles(sources: Sources): string[] {
  const graph = new Map(
    [...sources].map(([file, text]) => [
      file,
      importsOf(text).flatMap((specifier) => resolve(file, specifier) ?? []),
    ]),
  );
  return findCircles(graph).map((circle) => `a circle of imports: ${circle.join(" ↔ ")}`);
}

function workspaceOf(file: string): string {
  const [top = "", name] = file.split("/");
  return top === "libs" || top === "services" ? `${top}/${name}` : top;
}

/** `import … from`, `export … from`, `import "…"` and `import("…")`, types included. */
const IMPORT = /(?:\bfrom|\bimport) ?\(?"([^"\n]+)"/g;

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, specifier]) => specifier ?? []);
}

/** The file that a relative import names; null for a package. */
function resolve(file: string, specifier: string): string | null {
  return specifier.startsWith(".") ? join(dirname(file), specifier) : null;
}
