import type { Content } from "./content.ts";
import { download } from "./download.ts";
import type { ReadItem } from "./read-item.ts";
import type { FileStats, Found } from "./walk.ts";

/** Of what is at an address: it is known by the address alone. */
export const URL_STATS: FileStats = { bytes: 0, modifiedMs: 0 };

type FoundUrl = Extract<Found, { status: "url" }>;

/** Reads what is at an address, a file or an archive, by `read`, under the address as its name. */
export async function* readUrl(
  { path, url }: FoundUrl,
  read: (found: Found) => AsyncIterable<ReadItem>,
): AsyncGenerator<ReadItem> {
  const fetched = await download(url);
  if (typeof fetched === "string") {
    const name = { path, entry: null, place: 0 };
    yield { status: "left-out", name, stats: URL_STATS, code: fetched };
    return;
  }
  // The file stays until the last content that lies in it is released.
  let users = 1;
  const release = async () => {
    users -= 1;
    if (users === 0) await fetched.release();
  };
  const lent = (content: Content): Content => {
    if (content.file === null || !content.file.equals(fetched.path)) return content;
    users += 1;
    return { ...content, release };
  };
  const stats = { bytes: fetched.bytes, modifiedMs: 0 };
  try {
    for await (const item of read({ status: "file", path: fetched.path, stats })) {
      const named = { ...item, name: { ...item.name, path }, stats: URL_STATS };
      yield named.status === "instance" ? { ...named, content: lent(named.content) } : named;
    }
  } finally {
    await release();
  }
}
