import { parseAs, type TenantId } from "@axial/contracts";
import { Deidentifier, PixelRulesSchema } from "@axial/deidentification";
import { readQuickly } from "@axial/dicom";
import { sharedBytes, TenantThreads } from "@axial/imaging";
import type { Database } from "@axial/store/database";
import { readDeidentification } from "@axial/store/tenants";
import type { DeidentifyCommand } from "./deidentify-thread.ts";

const SCRIPT = new URL("./deidentify-thread.ts", import.meta.url);
/** A changed setting takes effect after this. */
const FRESH_MS = 5_000;
/** Half a gigabyte of JPEG 2000 is decoded in ten to thirty seconds. */
const TIMEOUT_MS = 120_000;
/** Each request has one instance de-identified at a time: so many requests of one tenant. */
const MAX_WAITING_EACH = 256;
/** Copied on the event loop in one or two milliseconds. MR and CT slices have 0.2 to 2 MB. */
const MAX_QUICK_BYTES = 4 * 1024 * 1024;

/** How one tenant's instances lose their patients. */
export interface TenantDeidentifier {
  /** The UID that stands for `uid`. */
  uid(uid: string): string;
  /**
   * Hands a file without its patient to `use`, and resolves with what that makes of it. What takes
   * long (many pixels to be blanked, large headers, anything deflated) is done in a thread, tenants
   * in turns, and a turn lasts until `use` is done: one such file is in memory at a time. Rejects
   * with what `Deidentifier.deidentify` and `TenantThreads` reject with.
   */
  deidentify<Used>(file: Buffer, use: (file: Buffer) => Promise<Used>): Promise<Used>;
}

interface Remembered {
  readonly at: number;
  readonly deidentifier: Promise<TenantDeidentifier | null>;
}

/** Which tenants' instances lose their patients before they are stored, and how. */
export class TenantDeidentifiers {
  readonly #db: Database;
  readonly #threads = new TenantThreads<DeidentifyCommand, Uint8Array>(SCRIPT, {
    ...{ threads: 1, timeoutMs: TIMEOUT_MS },
    maxWaitingEach: MAX_WAITING_EACH,
  });
  readonly #known = new Map<TenantId, Remembered>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The tenant's de-identifier; null where instances are stored as they come. */
  of(tenant: TenantId): Promise<TenantDeidentifier | null> {
    const now = Date.now();
    const known = this.#known.get(tenant);
    if (known !== undefined && now - known.at < FRESH_MS) return known.deidentifier;
    const deidentifier = this.#open(tenant);
    this.#known.set(tenant, { at: now, deidentifier });
    deidentifier.catch(() => this.#known.delete(tenant));
    return deidentifier;
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #open(tenant: TenantId): Promise<TenantDeidentifier | null> {
    const setting = await readDeidentification(this.#db, tenant);
    if (setting === null) return null;
    const { key, dates, regions } = setting;
    const options = { key, dates, pixelRules: parseAs(PixelRulesSchema, regions) };
    const here = new Deidentifier(options);
    return {
      uid: (uid) => here.uid(uid),
      deidentify: async (file, use) => {
        const quick = file.length <= MAX_QUICK_BYTES ? readQuickly(file) : null;
        if (quick !== null && !here.blanks(quick)) return use(await here.deidentify(quick));
        return this.#threads.runAndUse(
          tenant,
          () => ({ bytes: shared(file), options }),
          async (made) => use(Buffer.from(made.buffer, made.byteOffset, made.byteLength)),
        );
      },
    };
  }
}

/** The file itself where it lies in memory that threads share, or a copy. */
function shared({ buffer, byteOffset, byteLength }: Buffer): DeidentifyCommand["bytes"] {
  return buffer instanceof SharedArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : sharedBytes(new Uint8Array(buffer, byteOffset, byteLength));
}
