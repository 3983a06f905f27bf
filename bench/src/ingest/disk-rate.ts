import { randomBytes } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

const FILES = 1_500;
const WRITERS = 8;

/** Files of `bytes` that the disk takes per second, each synced, eight at a time. */
export async function diskRate(folder: string, bytes: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  const content = randomBytes(bytes);
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (next < FILES) {
        const handle = await open(join(folder, String(next++)), "w");
        await handle.write(content);
        await handle.sync();
        await handle.close();
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  await rm(folder, { recursive: true });
  return FILES / seconds;
}
