import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, createMetrics } from "@axial/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feedGpuMetrics } from "../../src/supervisor/gpu/gpu-metrics.ts";
import { parseGpus, readGpus } from "../../src/supervisor/gpu/nvidia-smi.ts";
import { parseXidErrors, readXidErrors } from "../../src/supervisor/gpu/xid-errors.ts";

/** As drivers 535 to 580 write it: two devices of a server, a laptop's without power, a broken one. */
const OUTPUT = `0, NVIDIA H200, 00000000:65:00.0, 87, 51234, 143771, 61, 512.34
1, NVIDIA H200, 00000000:E3:00.0, 0, 4, 143771, 34, 76.10
2, NVIDIA GeForce RTX 3050 Laptop GPU, 00000000:01:00.0, 12, 1200, 4096, 52, [N/A]
3, Tesla V100-SXM2-32GB, 00000000:8A:00.0, [Unknown Error], [GPU is lost], 32768, [GPU is lost], [GPU is lost]
`;
const KERNEL = `[    0.000000] Linux version 6.12.0
[ 8123.400112] NVRM: Xid (PCI:0000:65:00): 13, pid=4711, name=node, Graphics SM Warp Exception
[ 8123.400118] NVRM: Xid (PCI:0000:65:00): 13, pid=4711, name=node, Graphics SM Warp Exception
[ 9001.000000] NVRM: Xid (PCI:0000:e3:00): 79, GPU has fallen off the bus.
[ 9002.000000] NVRM: A GPU crash dump has been created.
`;
const quiet = createLogger({ service: "test", level: "silent" });

describe("figures of GPUs, on output as the driver documents it", () => {
  it("reads what the driver tells, and leaves out what it does not", () => {
    const [h200, , laptop, broken] = parseGpus(OUTPUT);
    expect(h200).toEqual({
      ...{ index: 0, name: "NVIDIA H200", pciAddress: "0000:65:00", utilisation: 0.87 },
      ...{ memoryUsedBytes: 51_234 * 2 ** 20, memoryTotalBytes: 143_771 * 2 ** 20 },
      ...{ celsius: 61, watts: 512.34 },
    });
    expect(laptop).toMatchObject({ watts: null, celsius: 52 });
    expect(broken).toMatchObject({ index: 3, utilisation: null, celsius: null });
    expect(parseGpus("Unable to determine the device handle for GPU0000:65:00.0\n")).toEqual([]);
  });

  it("counts the Xid errors of each device", () => {
    expect(parseXidErrors(KERNEL)).toEqual([
      { pciAddress: "0000:65:00", xid: 13, times: 2 },
      { pciAddress: "0000:e3:00", xid: 79, times: 1 },
    ]);
  });

  it("follows a device that falls off the bus", async () => {
    const metrics = createMetrics("test");
    let [csv, log] = [OUTPUT, ""];
    feedGpuMetrics({
      ...{ devices: [0, 1], metrics, logger: quiet },
      read: async () => parseGpus(csv),
      readErrors: async () => parseXidErrors(log),
    });
    const before = await metrics.registry.metrics();
    expect(before).toContain('axial_gpu_up{gpu="1",service="test"} 1');
    expect(before).toContain(
      'axial_gpu_utilization_ratio{gpu="0",device="NVIDIA H200",service="test"} 0.87',
    );
    expect(before).not.toContain('gpu="2"');
    [csv, log] = [csv.split("\n").slice(0, 1).join("\n"), KERNEL];
    const after = await metrics.registry.metrics();
    expect(after).toContain('axial_gpu_up{gpu="1",service="test"} 0');
    expect(after).not.toContain('axial_gpu_temperature_celsius{gpu="1"');
    expect(after).toContain('axial_gpu_xid_errors_total{gpu="0",xid="13",service="test"} 2');
    expect(after).toContain('axial_gpu_xid_errors_total{gpu="1",xid="79",service="test"} 1');
    expect(await metrics.registry.metrics()).toContain('xid="13",service="test"} 2');
  });

  it("has no figure of a worker without such a device", async () => {
    const metrics = createMetrics("test");
    feedGpuMetrics({ devices: [], metrics, logger: quiet });
    expect(await metrics.registry.metrics()).not.toContain("axial_gpu_up{");
  });
});

describe("the programs", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-gpu-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function program(name: string, script: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it("are asked for what is read", async () => {
    const smi = await program(
      "nvidia-smi",
      `case "$1" in *index,name,pci.bus_id,*) cat <<'END'
${OUTPUT}END
esac`,
    );
    expect(await readGpus(smi)).toHaveLength(4);
    const dmesg = await program("dmesg", `cat <<'END'\n${KERNEL}END`);
    expect(await readXidErrors(dmesg)).toHaveLength(2);
  });

  it("may be missing, or refuse", async () => {
    await expect(readGpus(join(folder, "none"))).rejects.toThrow();
    const dmesg = await program("no", "echo 'dmesg: read kernel buffer failed' >&2; exit 1");
    await expect(readXidErrors(dmesg)).rejects.toThrow();
  });
});
