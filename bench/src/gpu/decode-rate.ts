import { readFileSync } from "node:fs";
import { decodeFrame, readInstance } from "@axial/dicom";
import { prepareInput } from "@axial/imaging";
import { readManifest, sampleBytes } from "@axial/inference";

const CPU_MS = 1_000;

/** Files per second of this thread's processor time, from the page cache to the model's input. */
export async function decodeRate(folder: string, files: readonly string[]): Promise<number> {
  const manifest = await readManifest(folder);
  const out = new Uint8Array(sampleBytes(manifest));
  const one = async (path: string) =>
    prepareInput(await decodeFrame(readInstance(readFileSync(path)), 0), manifest, out);
  for (const path of files) await one(path);
  const start = cpuMs();
  let frames = 0;
  while (cpuMs() - start < CPU_MS) await one(files[frames++ % files.length] ?? "");
  return Math.round((frames * 1_000) / (cpuMs() - start));
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
