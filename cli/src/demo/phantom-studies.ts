import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PHANTOM_KINDS, phantomSeries } from "@axial/testkit";

/** One generated study of each kind, as files under a temporary folder. */
export async function writePhantomStudies(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "axial-demo-"));
  for (const kind of PHANTOM_KINDS) {
    const series = phantomSeries({ kind });
    await mkdir(join(folder, kind));
    await Promise.all(
      series.files.map((file, index) =>
        writeFile(join(folder, kind, `${String(index + 1).padStart(3, "0")}.dcm`), file),
      ),
    );
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
