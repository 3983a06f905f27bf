import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const ANSWER_WITHIN_MS = 4_000;
/** The kernel's ring buffer is a megabyte at most. */
const MAX_LOG_BYTES = 16 << 20;
/** `NVRM: Xid (PCI:0000:65:00): 79, pid=4711, GPU has fallen off the bus.` */
const XID = /NVRM: Xid \(PCI:([0-9a-fA-F:]+)\): (\d+)/g;

/** An error that NVIDIA's driver reported to the kernel: https://docs.nvidia.com/deploy/xid-errors */
export interface XidErrors {
  /** As in `GpuFigures`. */
  readonly pciAddress: string;
  readonly xid: number;
  /** In what the kernel still remembers. */
  readonly times: number;
}

/**
 * The Xid errors in the kernel's log: `nvidia-smi` does not tell them. Rejects where the log may not
 * be read, as in most containers: there DCGM's exporter has them.
 */
export async function readXidErrors(program = "dmesg"): Promise<XidErrors[]> {
  const { stdout } = await run(program, ["--kernel"], {
    timeout: ANSWER_WITHIN_MS,
    killSignal: "SIGKILL",
    maxBuffer: MAX_LOG_BYTES,
  });
  return parseXidErrors(stdout);
}

export function parseXidErrors(log: string): XidErrors[] {
  const found = new Map<string, XidErrors>();
  for (const [, address = "", code = ""] of log.matchAll(XID)) {
    const pciAddress = address.toLowerCase();
    const key = `${pciAddress} ${code}`;
    const times = 1 + (found.get(key)?.times ?? 0);
    found.set(key, { pciAddress, xid: Number(code), times });
  }
  return [...found.values()];
}
