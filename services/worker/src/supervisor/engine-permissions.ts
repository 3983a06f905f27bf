import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineConfig } from "../protocol.ts";

/** The only folders of the checkout or image from which code is read. */
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const CODE = ["node_modules", "libs", "services/worker"].map((name) => folder(`${ROOT}${name}`));

/** Node warns about two of these flags whenever an engine or thread starts. */
const KNOWN_WARNINGS = ["PERM0001", "PERM0006"];

/**
 * Flags of Node's permission model for an engine: JavaScript reads code, model packages and blobs,
 * writes nothing but TensorRT's cache, and starts no process. Native code (the runtime, a
 * module) is beyond this model, and so is the network in Node 24.
 */
export function enginePermissions({
  blobUrl,
  packages,
  tensorrtCache,
}: Pick<EngineConfig, "blobUrl" | "packages" | "tensorrtCache">): string[] {
  const blobs = blobUrl.startsWith("file:") ? [folder(fileURLToPath(blobUrl))] : [];
  const cache = tensorrtCache === null ? [] : [folder(tensorrtCache)];
  const read = [...CODE, `${ROOT}package.json`, ...packages.map(folder), ...blobs, ...cache];
  return [
    "--permission",
    "--allow-addons",
    "--allow-worker",
    ...KNOWN_WARNINGS.map((code) => `--disable-warning=${code}`),
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...cache.map((path) => `--allow-fs-write=${path}`),
  ];
}

/**
 * A folder and its content. The wildcard is explicit: Node adds it only to a folder that exists
 * when the engine starts, and a new installation's blob folder does not.
 */
function folder(path: string): string {
  return path.endsWith(sep) ? `${path}*` : `${path}${sep}*`;
}
