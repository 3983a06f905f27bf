import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InferenceSession } from "onnxruntime-node";

/**
 * Run while the image is built, as the image's user: every package of ours and every one that
 * they depend on loads, and ONNX Runtime opens every model. A module or a library that was pruned
 * too eagerly fails the build instead of a night shift.
 */
const WORKSPACES = globSync("{libs,services}/*/package.json");
/** Nothing to load: declarations for the type checker. */
const TYPES = /^@types\//;

interface PackageFile {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const loaded = new Set<string>();
for (const file of WORKSPACES) {
  const { name, dependencies = {} } = JSON.parse(readFileSync(file, "utf8")) as PackageFile;
  const require = createRequire(resolve(file));
  for (const wanted of [name, ...Object.keys(dependencies)]) {
    if (TYPES.test(wanted) || loaded.has(wanted)) continue;
    await load(wanted, require).catch((cause: unknown) => {
      throw new Error(`${wanted}, which ${dirname(file)} needs, does not load`, { cause });
    });
    loaded.add(wanted);
  }
}

const models = globSync("models/*/*/weights.onnx");
if (models.length === 0) throw new Error("the image holds no model");
for (const model of models) await (await InferenceSession.create(model)).release();
console.log(`${loaded.size} packages load, ${models.length} models open`);

/** ES modules by their name; what only CommonJS can find, by its path. */
async function load(name: string, require: NodeJS.Require): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error;
    return import(pathToFileURL(require.resolve(name)).href);
  }
}
