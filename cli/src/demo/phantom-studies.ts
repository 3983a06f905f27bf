import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PHANTOM_KINDS, phantomSeries } from "@axial/testkit";

/** Writes one generated study of each kind under `folder`; the pixels are the same each time. */
export async function writePhantomStudies(folder: string): Promise<void> {
  for (const kind of PHANTOM_KINDS) {
    const series = phantomSeries({ kind });
    await mkdir(join(folder, kind), { recursive: true });
    await Promise.all(
      series.files.map((file, index) =>
        writeFile(join(folder, kind, `${String(index + 1).padStart(3, "0")}.dcm`), file),
      ),
    );
  }
}

/** Runs `use` on a temporary folder with the generated studies, then removes it. */
export async function withPhantomStudies<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "axial-demo-"));
  try {
    await writePhantomStudies(folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
