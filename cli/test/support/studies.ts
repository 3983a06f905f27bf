import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PhantomKind, phantomSeries } from "@axial/testkit";

/** Writes generated studies, each in a folder of its own; returns their UIDs. */
export async function writeStudies(
  folder: string,
  kinds: readonly PhantomKind[],
  slices = 3,
): Promise<string[]> {
  const uids: string[] = [];
  for (const [index, kind] of kinds.entries()) {
    const { studyUid, files } = phantomSeries({ kind, slices, size: 32, seed: index + 1 });
    const own = join(folder, `study-${index}`);
    await mkdir(own, { recursive: true });
    for (const [slice, file] of files.entries()) await writeFile(join(own, `${slice}`), file);
    uids.push(studyUid);
  }
  return uids;
}
