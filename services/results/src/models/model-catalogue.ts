import type { ModelPackage } from "@axial/contracts";
import { listModelPackages, readManifest } from "@axial/inference/packages";
import type { Logger } from "@axial/kit";

/** How long a listing of the models folder is used. */
const FRESH_MS = 10_000;

/**
 * The packages of a models folder as renderings need them: titles, codes, order of labels. A
 * package that is not valid is left out and logged once; its results show without codes.
 */
export class ModelCatalogue {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #reported = new Set<string>();
  #packages: Promise<readonly ModelPackage[]> | undefined;
  #readAt = 0;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Every valid package, by id and version. */
  list(now: number = Date.now()): Promise<readonly ModelPackage[]> {
    if (this.#packages === undefined || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      this.#packages = this.#read();
    }
    return this.#packages;
  }

  async find(id: string, version: string): Promise<ModelPackage | undefined> {
    const packages = await this.list();
    return packages.find((known) => known.id === id && known.version === version);
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
      if (!this.#reported.has(folder)) this.#logger.warn({ err: error, folder }, "invalid model");
      this.#reported.add(folder);
      return null;
    }
  }
}
