import type { TenantId } from "@axial/contracts";
import { TenantThreads } from "@axial/imaging";
import type { Picture } from "../heatmap/render-heatmap.ts";
import type { Report } from "../report/report.ts";
import type { Drawing, DrawingCommand, HeatmapSource } from "./messages.ts";

const SCRIPT = new URL("./drawing-thread.ts", import.meta.url);
/** The slowest frame seen, 64 megapixels of JPEG 2000, takes about six seconds. */
const TIMEOUT_MS = 30_000;
const MAX_WAITING_EACH = 256;

/**
 * Draws heat maps and pages in a killable thread behind everything that answers requests, tenants in
 * turns. All methods reject with the error in the input, `decode-timeout`, `too-busy` or
 * `shutting-down`.
 */
export class DrawingPool {
  readonly #threads = new TenantThreads<DrawingCommand, Drawing>(SCRIPT, {
    ...{ threads: 1, timeoutMs: TIMEOUT_MS },
    maxWaitingEach: MAX_WAITING_EACH,
  });

  async png(tenant: TenantId, source: HeatmapSource): Promise<Buffer> {
    return fileOf(await this.#draw(tenant, { kind: "heatmap", source, format: "png" }));
  }

  async picture(tenant: TenantId, source: HeatmapSource): Promise<Picture> {
    const drawn = await this.#draw(tenant, { kind: "heatmap", source, format: "rgb" });
    return { width: drawn.width, height: drawn.height, pixels: drawn.bytes };
  }

  /** The report as one page of PDF. */
  async page(tenant: TenantId, report: Report): Promise<Buffer> {
    return fileOf(await this.#draw(tenant, { kind: "page", report }));
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  #draw(tenant: TenantId, command: DrawingCommand): Promise<Drawing> {
    return this.#threads.run(tenant, () => command);
  }
}

function fileOf({ bytes }: Drawing): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
