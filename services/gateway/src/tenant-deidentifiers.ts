import { newId, parseAs, type TenantId } from "@axial/contracts";
import { type DecodeFrame, Deidentifier, PixelRulesSchema } from "@axial/deidentification";
import { type FramePool, openFramePool, sharedBytes } from "@axial/imaging";
import type { Database } from "@axial/store/database";
import { readDeidentification } from "@axial/store/tenants";

/** A changed setting takes effect after this. */
const FRESH_MS = 5_000;
const FRAME_TIMEOUT_MS = 15_000;

interface Remembered {
  readonly at: number;
  readonly deidentifier: Promise<Deidentifier | null>;
}

/** Which tenants' instances lose their patients before they are stored, and how. */
export class TenantDeidentifiers {
  readonly #db: Database;
  readonly #frames: FramePool = openFramePool({ threads: 1, timeoutMs: FRAME_TIMEOUT_MS });
  /** Files whose frames are being decoded, as the threads know them. */
  readonly #sources = new WeakMap<Uint8Array, Parameters<FramePool["uncompressed"]>[0]>();
  readonly #known = new Map<TenantId, Remembered>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The tenant's de-identifier; null where instances are stored as they come. */
  of(tenant: TenantId): Promise<Deidentifier | null> {
    const now = Date.now();
    const known = this.#known.get(tenant);
    if (known !== undefined && now - known.at < FRESH_MS) return known.deidentifier;
    const deidentifier = this.#open(tenant);
    this.#known.set(tenant, { at: now, deidentifier });
    deidentifier.catch(() => this.#known.delete(tenant));
    return deidentifier;
  }

  close(): Promise<void> {
    return this.#frames.close();
  }

  async #open(tenant: TenantId): Promise<Deidentifier | null> {
    const setting = await readDeidentification(this.#db, tenant);
    if (setting === null) return null;
    const { key, dates, regions } = setting;
    const pixelRules = parseAs(PixelRulesSchema, regions);
    return new Deidentifier({ key, dates, pixelRules }, this.#decoder(tenant));
  }

  #decoder(tenant: TenantId): DecodeFrame {
    return (_instance, file, frame) => {
      const known = this.#sources.get(file);
      const source = known ?? { tenant, key: newId<string>(), bytes: sharedBytes(file) };
      this.#sources.set(file, source);
      return this.#frames.uncompressed(source, frame);
    };
  }
}
