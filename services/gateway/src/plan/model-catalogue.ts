import { AxialError, type ModelPackage } from "@axial/contracts";
import { listModelPackages, readManifest } from "@axial/inference/packages";
import type { Logger } from "@axial/kit";

/** How long a listing of the models folder is used. */
const FRESH_MS = 5_000;

/**
 * The models that the planner may choose: of each id in the models folder the newest valid
 * version. A package that is not valid is left out and logged once.
 */
export class ModelCatalogue {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #reported = new Set<string>();
  #models: Promise<readonly ModelPackage[]> | undefined;
  #readAt = 0;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  list(now: number = Date.now()): Promise<readonly ModelPackage[]> {
    if (this.#models === undefined || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      this.#models = this.#read();
    }
    return this.#models;
  }

  /** The model of that id, or `model-not-found`. */
  async demand(id: string): Promise<ModelPackage> {
    const found = (await this.list()).find((model) => model.id === id);
    if (found === undefined) throw new AxialError("model-not-found");
    return found;
  }

  async #read(): Promise<readonly ModelPackage[]> {
    const newest = new Map<string, ModelPackage>();
    for (const folder of await listModelPackages(this.#folder)) {
      const model = await this.#readOne(folder);
      const known = model && newest.get(model.id);
      if (model && (!known || isNewer(model.version, known.version))) newest.set(model.id, model);
    }
    return [...newest.values()];
  }

  async #readOne(folder: string): Promise<ModelPackage | null> {
    try {
      return await readManifest(folder);
    } catch (error) {
      if (!this.#reported.has(folder)) this.#logger.warn({ err: error, folder }, "invalid model");
      this.#reported.add(folder);
      return null;
    }
  }
}

/** Compares `major.minor.patch` by number. */
function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) > 0;
}
