import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A driver that hangs must not hold up a scrape, which has ten seconds. */
const ANSWER_WITHIN_MS = 4_000;
const FIELDS = [
  "index",
  "name",
  "pci.bus_id",
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "temperature.gpu",
  "power.draw",
] as const;
const MEBIBYTE = 1 << 20;

/** What the driver says of one device. Null: this device, or its driver, does not tell. */
export interface GpuFigures {
  /** As `AXIAL_WORKER_DEVICES` counts them. */
  readonly index: number;
  readonly name: string;
  /** As the kernel writes it, `0000:65:00`, without the function. */
  readonly pciAddress: string;
  /** 0 to 1: the share of the last second in which a kernel ran. */
  readonly utilisation: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly celsius: number | null;
  readonly watts: number | null;
}

/**
 * The figures of every device by NVIDIA's `nvidia-smi`, which comes with the driver and reads them
 * from NVML. Rejects where it is not installed or the driver does not answer; a device that has
 * fallen off the bus is missing, and makes the program fail where it was the only one.
 */
export async function readGpus(program = "nvidia-smi"): Promise<GpuFigures[]> {
  const { stdout } = await run(
    program,
    [`--query-gpu=${FIELDS.join(",")}`, "--format=csv,noheader,nounits"],
    { timeout: ANSWER_WITHIN_MS, killSignal: "SIGKILL" },
  );
  return parseGpus(stdout);
}

/** Reads the program's CSV; a line that is not of that form (a warning) is skipped. */
export function parseGpus(csv: string): GpuFigures[] {
  return csv.split("\n").flatMap((line) => {
    const cells = line.split(",").map((cell) => cell.trim());
    const [index = "", name = "", bus = "", ...figures] = cells;
    if (cells.length !== FIELDS.length || !/^\d+$/.test(index)) return [];
    const [busy, used, total, celsius, watts] = figures.map(figureOf);
    return [
      {
        index: Number(index),
        name,
        pciAddress: pciAddressOf(bus),
        utilisation: scaled(busy, 1 / 100),
        memoryUsedBytes: scaled(used, MEBIBYTE),
        memoryTotalBytes: scaled(total, MEBIBYTE),
        celsius: celsius ?? null,
        watts: watts ?? null,
      },
    ];
  });
}

/** `[N/A]`, `[Unknown Error]` and `[GPU is lost]` stand where there is no figure. */
function figureOf(cell: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}

function scaled(figure: number | null | undefined, by: number): number | null {
  return figure == null ? null : figure * by;
}

/** `00000000:65:00.0` → `0000:65:00`: the driver writes a longer domain than the kernel. */
function pciAddressOf(bus: string): string {
  return bus
    .toLowerCase()
    .replace(/^0000(?=[0-9a-f]{4}:)/, "")
    .replace(/\.[0-7]$/, "");
}
