import { stat } from "node:fs/promises";
import { type FileStats, folderMemory, walk } from "../files/walk.ts";

/** Files of one round: the rest wait for the next. */
const MAX_FILES = 2_000;

interface Seen extends FileStats {
  /** When it was first seen as it is. */
  readonly sinceMs: number;
}

interface StableFilesOptions {
  readonly folder: string;
  /** Folders below it that are not looked into. */
  readonly except: readonly string[];
  /** A file is whole once it has not changed for so long. */
  readonly settleMs: number;
}

/**
 * Finds files that nothing writes to any more: their size and time of change have stayed the same
 * from one look to a later one. A share says nothing of its own when a file has been written.
 */
export class StableFiles {
  readonly #options: StableFilesOptions;
  #seen = new Map<string, Seen>();

  constructor(options: StableFilesOptions) {
    this.#options = options;
  }

  /** Files that have settled by now, as bytes of any encoding. Rejects when the folder is away. */
  async look(nowMs: number = Date.now()): Promise<Buffer[]> {
    const { folder, settleMs } = this.#options;
    await stat(folder);
    const isNewFolder = await this.#memory();
    const seen = new Map<string, Seen>();
    const settled: Buffer[] = [];
    for await (const found of walk(Buffer.from(folder), isNewFolder)) {
      if (found.status === "left-out") continue;
      const key = found.path.toString("latin1");
      const before = this.#seen.get(key);
      const { bytes, modifiedMs } = found.stats;
      const isSame = before?.bytes === bytes && before.modifiedMs === modifiedMs;
      const sinceMs = isSame ? before.sinceMs : nowMs;
      seen.set(key, { bytes, modifiedMs, sinceMs });
      if (isSame && nowMs - sinceMs >= settleMs) settled.push(found.path);
      if (settled.length >= MAX_FILES) break;
    }
    // What a round left out is still known to be as it was.
    this.#seen = settled.length < MAX_FILES ? seen : new Map([...this.#seen, ...seen]);
    return settled;
  }

  /** Folders that are left out count as read. */
  async #memory() {
    const memory = folderMemory();
    for (const path of this.#options.except) {
      const stats = await stat(path, { bigint: true }).catch(() => null);
      if (stats !== null) memory(stats.dev, stats.ino);
    }
    return memory;
  }
}
