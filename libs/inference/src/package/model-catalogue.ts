import { AxialError, type ModelPackage, parseModelRef } from "@axial/contracts";
import { listModelPackages } from "./list-packages.ts";
import { readManifest } from "./load-package.ts";

/** How long a listing of the models folder is used. */
const FRESH_MS = 5_000;

/**
 * The packages of a models folder, re-read periodically. Invalid packages are left out and reported
 * once.
 */
export class ModelCatalogue {
  readonly #folder: string;
  readonly #onInvalid: (folder: string, error: unknown) => void;
  readonly #reported = new Set<string>();
  #packages: Promise<readonly ModelPackage[]> | undefined;
  #readAt = 0;

  constructor(folder: string, onInvalid: (folder: string, error: unknown) => void) {
    this.#folder = folder;
    this.#onInvalid = onInvalid;
  }

  /** Every valid package, by id and version. */
  all(now: number = Date.now()): Promise<readonly ModelPackage[]> {
    if (this.#packages === undefined || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      this.#packages = this.#read();
    }
    return this.#packages;
  }

  /** The newest version of each id: what new work may choose from. */
  async newest(): Promise<readonly ModelPackage[]> {
    const newest = new Map<string, ModelPackage>();
    for (const model of await this.all()) {
      const known = newest.get(model.id);
      if (known === undefined || isNewer(model.version, known.version)) newest.set(model.id, model);
    }
    return [...newest.values()];
  }

  /** The newest version of a model, or the one that `id@version` names. Throws `model-not-found`. */
  async demand(ref: string): Promise<ModelPackage> {
    const { id, version } = parseModelRef(ref);
    const found =
      version === null
        ? (await this.newest()).find((model) => model.id === id)
        : await this.find(id, version);
    if (found === undefined) throw new AxialError("model-not-found");
    return found;
  }

  async find(id: string, version: string): Promise<ModelPackage | undefined> {
    return (await this.all()).find((known) => known.id === id && known.version === version);
  }

  async #read(): Promise<readonly ModelPackage[]> {
    const folders = await listModelPackages(this.#folder);
    const read = await Promise.all(folders.map((folder) => this.#readOne(folder)));
    return read.filter((known) => known !== null);
  }

  async #readOne(folder: string): Promise<ModelPackage | null> {
    try {
      return await readManifest(folder);
    } catch (error) {
      if (!this.#reported.has(folder)) this.#onInvalid(folder, error);
      this.#reported.add(folder);
      return null;
    }
  }
}

/** Compares `major.minor.patch` by number. */
function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) > 0;
}
