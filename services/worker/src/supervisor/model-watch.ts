import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { listModelPackages } from "@axial/inference";
import type { Logger } from "@axial/kit";

interface ModelWatchOptions {
  readonly roots: readonly string[];
  readonly everyMs: number;
  readonly logger: Logger;
  /** The packages are others than before, or a reload was asked for; resolves when it is over. */
  onChange(packages: readonly string[]): Promise<void>;
}

/**
 * Polls the models folders, because a network volume does not notify of changes. A change counts
 * once two looks in a row find the same, so that a package that is being copied is left alone until
 * it is whole.
 */
export class ModelWatch {
  readonly #options: ModelWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #served: string;
  #seen: string;
  #busy = false;
  #asked = false;

  private constructor(options: ModelWatchOptions, print: string) {
    this.#options = options;
    this.#served = print;
    this.#seen = print;
    this.#timer = setInterval(() => void this.#look(), options.everyMs);
  }

  /** Starts watching. Returns the current packages. */
  static async start(
    options: ModelWatchOptions,
  ): Promise<{ watch: ModelWatch; packages: readonly string[] }> {
    const packages = await packagesIn(options.roots);
    return { watch: new ModelWatch(options, await fingerprint(packages)), packages };
  }

  /** Reloads at the next opportunity even when nothing seems to have changed. */
  reload(): void {
    this.#asked = true;
    void this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const asked = this.#asked;
    this.#asked = false;
    try {
      const packages = await packagesIn(this.#options.roots);
      const print = await fingerprint(packages);
      const settled = print === this.#seen && print !== this.#served;
      this.#seen = print;
      if (!settled && !asked) return;
      this.#served = print;
      await this.#options.onChange(packages);
    } catch (error) {
      this.#options.logger.warn({ err: error }, "could not look at the models folders");
    } finally {
      this.#busy = false;
      if (this.#asked) void this.#look();
    }
  }
}

async function packagesIn(roots: readonly string[]): Promise<string[]> {
  return (await Promise.all(roots.map(listModelPackages))).flat();
}

/** Path, size and time of every file of the packages: differs whenever one of them changed. */
async function fingerprint(packages: readonly string[]): Promise<string> {
  const folders = await Promise.all(packages.map(filesIn));
  return JSON.stringify(folders.flat());
}

async function filesIn(folder: string): Promise<(readonly [string, number, number, number])[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(folder, name));
      return [join(folder, name), size, mtimeMs, ino] as const;
    }),
  );
}
