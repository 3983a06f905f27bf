import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type KubernetesObject, nameOf } from "./kubernetes-object.ts";
import { modelModule } from "./models.ts";

const run = promisify(execFile);
const PACKAGE = join(import.meta.dirname, "..");

/**
 * The schemas let fields pass that they do not know, so a misspelt one goes unseen, as it would in
 * the API server. The compiler sees it: each object is written down as a literal of its type, and
 * a literal may not have a property that the type lacks. Gives the compiler's complaints.
 */
export async function unknownFields(objects: readonly KubernetesObject[]): Promise<string[]> {
  const folder = await mkdtemp(join(PACKAGE, ".literals-"));
  try {
    await writeFile(join(folder, "literals.ts"), literals(objects));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(COMPILER));
    const lines = await complaints(folder);
    return lines.map((line) => named(line, objects));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const COMPILER = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: "NodeNext",
    target: "ES2024",
    types: [],
  },
};

/** Line n + 1 holds object n, so that a complaint's line says whose it is. */
function literals(objects: readonly KubernetesObject[]): string {
  return objects
    .map((object, index) => {
      const type = `import(${JSON.stringify(modelModule(object))}).I${object.kind}`;
      return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
    })
    .join("\n");
}

async function complaints(folder: string): Promise<string[]> {
  const tsc = join(PACKAGE, "../node_modules/.bin/tsc");
  try {
    await run(tsc, ["-p", folder, "--pretty", "false"], { cwd: folder });
    return [];
  } catch (error) {
    if (error instanceof Error && "stdout" in error) return String(error.stdout).trim().split("\n");
    throw error;
  }
}

function named(complaint: string, objects: readonly KubernetesObject[]): string {
  const line = Number(/literals\.ts\((\d+),/.exec(complaint)?.[1] ?? 0);
  const object = objects[line - 1];
  return object === undefined ? complaint : `${nameOf(object)}: ${complaint}`;
}
