import { closeSync, fsync, open } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { PRIVATE_FOLDER } from "./private-files.ts";

const [openFolder, syncFile] = [promisify(open), promisify(fsync)];

/**
 * Makes renames into folders durable. Writers that ask while a sync of the same folder runs share
 * the next one: a sync that began before a rename does not cover it, one that begins after does.
 */
export class FolderSyncer {
  readonly #made = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** Creates `folder` and its parents durably; free when this process did so before. */
  ensure(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = makeDurably(folder).catch((error: unknown) => {
      this.#made.delete(folder);
      throw error;
    });
    this.#made.set(folder, made);
    return made;
  }

  /** Forgets a folder that no longer exists. */
  forget(folder: string): void {
    this.#made.delete(folder);
  }

  /** Resolves when every rename into `folder` that is over by now is durable. */
  sync(folder: string): Promise<void> {
    const running = this.#running.get(folder);
    if (running === undefined) return this.#start(folder);
    const waiting = this.#next.get(folder);
    if (waiting !== undefined) return waiting;
    const next = running
      .catch(() => {})
      .then(() => {
        this.#next.delete(folder);
        return this.#start(folder);
      });
    this.#next.set(folder, next);
    return next;
  }

  #start(folder: string): Promise<void> {
    const run = syncFolder(folder).finally(() => this.#running.delete(folder));
    this.#running.set(folder, run);
    return run;
  }
}

async function makeDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

async function syncFolder(folder: string): Promise<void> {
  const descriptor = await openFolder(folder, "r");
  try {
    await syncFile(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
