import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { expiryOf, readTls, type TlsFiles, type TlsMaterial } from "./tls-files.ts";

/** Looked at this often: cert-manager and mounted secrets replace files weeks before it matters. */
const LOOK_EVERY_MS = 10_000;

interface LiveOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly everyMs?: number;
}

/**
 * Certificate and key as they are now: files that change are read again within ten seconds, and new
 * connections get them. What cannot be read, or does not belong together, changes nothing and is
 * logged.
 */
export class LiveTls {
  readonly #files: TlsFiles;
  readonly #options: LiveOptions;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  readonly #timer: NodeJS.Timeout;
  #material: TlsMaterial;
  /** What was said last of files that cannot be used. */
  #trouble = "";

  /** Throws when the files cannot be used now. */
  constructor(files: TlsFiles, options: LiveOptions) {
    this.#files = files;
    this.#options = options;
    this.#material = readTls(files);
    this.#tellExpiry();
    this.#timer = setInterval(() => this.#look(), options.everyMs ?? LOOK_EVERY_MS).unref();
  }

  get material(): TlsMaterial {
    return this.#material;
  }

  /** Whether callers have to show a certificate. */
  get isMutual(): boolean {
    return this.#material.ca !== null;
  }

  /** Calls `listener` with what the files hold after each change. */
  onChange(listener: (material: TlsMaterial) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { logger } = this.#options;
    try {
      const next = readTls(this.#files);
      this.#trouble = "";
      if (isSame(next, this.#material)) return;
      this.#material = next;
      for (const listener of this.#listeners) listener(next);
      this.#tellExpiry();
      logger.info("TLS files changed: new connections get them");
    } catch (err) {
      const trouble = String(err);
      if (trouble !== this.#trouble)
        logger.error({ err }, "TLS files cannot be used: the old stay");
      this.#trouble = trouble;
    }
  }

  #tellExpiry(): void {
    this.#options.metrics.certificateExpiry.set({ certificate: "http" }, expiryOf(this.#material));
  }
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const bytes = ({ cert, key, ca }: TlsMaterial) => Buffer.concat([cert, key, ca ?? Buffer.of()]);
  return bytes(one).equals(bytes(other));
}
