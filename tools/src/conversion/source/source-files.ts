import { AxialError } from "@axial/contracts";

/** What an import may take, whatever the container: real exports are 2 to 100 MB in 3 to 30 files. */
export const LIMITS = {
  files: 1_000,
  fileBytes: 500_000_000,
  totalBytes: 1_000_000_000,
  /** Real files shrink to a third at best; a bomb shrinks a thousandfold. */
  compression: 200,
} as const;

/** The files of an export by name, read into memory. */
export class SourceFiles {
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#files = files;
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  /** Bytes of a file. Throws `invalid-model` when the export lacks it. */
  bytes(name: string): Uint8Array {
    const found = this.#files.get(name);
    if (found !== undefined) return found;
    throw new AxialError("invalid-model", { detail: `${name} is missing from the export` });
  }

  /** A file as JSON. Throws `invalid-model` when it is not JSON. */
  json(name: string): unknown {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(this.bytes(name)));
    } catch (cause) {
      if (cause instanceof AxialError) throw cause;
      throw new AxialError("invalid-model", { detail: `${name} is not JSON`, cause });
    }
  }
}
