import type { Logger, Metrics } from "@axial/kit";
import { type GpuFigures, readGpus } from "./nvidia-smi.ts";
import { readXidErrors, type XidErrors } from "./xid-errors.ts";

interface GpuOptions {
  /** Devices of this worker, by index. */
  readonly devices: readonly number[];
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly read?: () => Promise<GpuFigures[]>;
  readonly readErrors?: () => Promise<XidErrors[]>;
}

/**
 * Reads the figures of this worker's devices, if it has any, at every scrape. A device that the driver does not name
 * any more has `axial_gpu_up` 0 and no other figure. Xid errors are left out where the kernel's log
 * may not be read, which is logged once.
 */
export function feedGpuMetrics(options: GpuOptions): void {
  const { metrics, devices, read = readGpus } = options;
  if (devices.length === 0) return;
  const errors = new XidCounts(options);
  metrics.registry.beforeScrape(async () => {
    const found = await read().catch(() => []);
    reset(metrics);
    for (const index of devices) {
      const gpu = found.find((one) => one.index === index);
      metrics.gpuUp.set({ gpu: String(index) }, gpu === undefined ? 0 : 1);
      if (gpu !== undefined) setFigures(metrics, gpu);
    }
    await errors.read(found.filter(({ index }) => devices.includes(index)));
  });
}

function reset(metrics: Metrics): void {
  const { gpuUp, gpuUtilisation, gpuMemoryUsed, gpuMemoryTotal, gpuCelsius, gpuWatts } = metrics;
  for (const gauge of [gpuUp, gpuUtilisation, gpuMemoryUsed, gpuMemoryTotal, gpuCelsius, gpuWatts])
    gauge.reset();
}

function setFigures(metrics: Metrics, gpu: GpuFigures): void {
  const labels = { gpu: String(gpu.index), device: gpu.name };
  const figures = [
    [metrics.gpuUtilisation, gpu.utilisation],
    [metrics.gpuMemoryUsed, gpu.memoryUsedBytes],
    [metrics.gpuMemoryTotal, gpu.memoryTotalBytes],
    [metrics.gpuCelsius, gpu.celsius],
    [metrics.gpuWatts, gpu.watts],
  ] as const;
  for (const [gauge, value] of figures) if (value !== null) gauge.set(labels, value);
}

/** A counter of what a log repeats at each reading: of each kind, what it has more than before. */
class XidCounts {
  readonly #options: GpuOptions;
  readonly #seen = new Map<string, number>();
  /** Where a device was when the driver still named it: a lost one has the errors of most interest. */
  readonly #addresses = new Map<string, string>();
  #first = true;
  #unreadable = false;

  constructor(options: GpuOptions) {
    this.#options = options;
  }

  async read(gpus: readonly GpuFigures[]): Promise<void> {
    if (this.#unreadable) return;
    const { logger, readErrors = readXidErrors } = this.#options;
    for (const { pciAddress, index } of gpus) this.#addresses.set(pciAddress, String(index));
    try {
      for (const error of await readErrors()) this.#count(error);
      this.#first = false;
    } catch (err) {
      this.#unreadable = true;
      logger.info({ err }, "the kernel's log may not be read: Xid errors are left to DCGM");
    }
  }

  /** What was there before the process is history: its first reading counts nothing. */
  #count({ pciAddress, xid, times }: XidErrors): void {
    const gpu = this.#addresses.get(pciAddress);
    if (gpu === undefined) return;
    const key = `${pciAddress} ${xid}`;
    const before = this.#seen.get(key) ?? 0;
    this.#seen.set(key, times);
    const more = this.#first ? 0 : Math.max(0, times - before);
    this.#options.metrics.gpuXidErrors.inc({ gpu, xid: String(xid) }, more);
  }
}
