import type { TenantId } from "@axial/contracts";
import { TenantThreads } from "@axial/imaging";
import type { HeatmapCommand, HeatmapResult, HeatmapSource } from "./heatmap-messages.ts";
import type { Picture } from "./render-heatmap.ts";

const SCRIPT = new URL("./heatmap-thread.ts", import.meta.url);
/** The slowest frame seen, 64 megapixels of JPEG 2000, takes about six seconds. */
const TIMEOUT_MS = 30_000;
const MAX_WAITING_EACH = 256;

/**
 * Draws heat maps in killable threads, tenants in turns. Both methods reject with the error in the
 * input, `decode-timeout`, `too-busy` or `shutting-down`.
 */
export class HeatmapPool {
  readonly #threads = new TenantThreads<HeatmapCommand, HeatmapResult>(SCRIPT, {
    ...{ threads: 1, timeoutMs: TIMEOUT_MS },
    maxWaitingEach: MAX_WAITING_EACH,
  });

  async png(tenant: TenantId, source: HeatmapSource): Promise<Buffer> {
    const { bytes } = await this.#threads.run(tenant, () => ({ source, format: "png" }));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  async picture(tenant: TenantId, source: HeatmapSource): Promise<Picture> {
    const drawn = await this.#threads.run(tenant, () => ({ source, format: "rgb" }));
    return { width: drawn.width, height: drawn.height, pixels: drawn.bytes };
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}
