import type { TenantId } from "@axial/contracts";
import { TenantThreads } from "@axial/imaging";
import type { HeatmapPicture } from "../heatmap/render-heatmap.ts";
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

  async png(tenant: TenantId, source: () => Promise<HeatmapSource>): Promise<Buffer> {
    return fileOf(
      await this.#threads.run(tenant, async () => {
        return { kind: "heatmap", source: await source(), format: "png" };
      }),
    );
  }

  async picture(tenant: TenantId, source: () => Promise<HeatmapSource>): Promise<HeatmapPicture> {
    const { width, height, bytes, geometry } = await this.#threads.run(tenant, async () => {
      return { kind: "heatmap", source: await source(), format: "rgb" };
    });
    return { width, height, pixels: bytes, geometry };
  }

  /** The report as one page of PDF. */
  async page(tenant: TenantId, report: Report): Promise<Buffer> {
    return fileOf(await this.#threads.run(tenant, () => ({ kind: "page", report })));
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}

function fileOf({ bytes }: Drawing): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
