import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InferenceSession } from "onnxruntime-node";

/**
 * Run while the image is built, as the image's user: every entry of our packages and every
 * package that they depend on loads, and ONNX Runtime opens every model. A module or a library that was pruned
 * too eagerly fails the build instead of a night shift.
 */
const WORKSPACES = globSync("{libs,services}/*/package.json");
/** Each has a package file of its own here. */
const OURS = /^@axial\//;
/** Nothing to load: declarations for the type checker. */
const TYPES = /^@types\//;
/** Files that a service reads, and no code. */
const FONTS = /^@fontsource\//;

/** Of a service's exports, the script that starts it. */
const STARTS = "./main";

interface PackageFile {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const loaded = new Set<string>();
for (const file of WORKSPACES) {
  const {
    name,
    exports = {},
    dependencies = {},
  } = JSON.parse(readFileSync(file, "utf8")) as PackageFile;
  const require = createRequire(resolve(file));
  const own = Object.keys(exports).filter((entry) => entry !== STARTS);
  const others = Object.keys(dependencies).filter((other) => !OURS.test(other));
  for (const wanted of [...own.map((entry) => join(name, entry)), ...others]) {
    if (TYPES.test(wanted) || loaded.has(wanted)) continue;
    if (FONTS.test(wanted)) {
      if (globSync(`node_modules/${wanted}/files/*.woff`).length > 0) continue;
      throw new Error(`${wanted}, which ${dirname(file)} needs, has no font`);
    }
    await load(wanted, require).catch((cause: unknown) => {
      throw new Error(`${wanted}, which ${dirname(file)} needs, does not load`, { cause });
    });
    loaded.add(wanted);
  }
}

const models = globSync("models/*/*/weights.onnx");
if (models.length === 0) throw new Error("the image holds no model");
for (const model of models) await (await InferenceSession.create(model)).release();
console.log(`${loaded.size} packages and entries load, ${models.length} models open`);

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
