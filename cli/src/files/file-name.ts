import { sep } from "node:path";

const SEPARATOR = Buffer.from(sep);
/** Control characters would move the cursor; a byte that is not valid UTF-8 has no character. */
const CONTROL = /\p{Cc}/gu;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** File names are bytes: those of an old disk may be Latin-1, Shift JIS or a mixture. */
export function joinName(folder: Buffer, name: Buffer): Buffer {
  const slash = folder.at(-1) === SEPARATOR[0];
  return Buffer.concat(slash ? [folder, name] : [folder, SEPARATOR, name]);
}

/** The name as text: UTF-8 where it is UTF-8, otherwise each byte beyond ASCII as `\xE9`. */
export function shownName(name: Buffer): string {
  try {
    return utf8.decode(name).replaceAll(CONTROL, escaped);
  } catch {
    return name.toString("latin1").replaceAll(/[^\x20-\x7e]/g, escaped);
  }
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** An item on disk: a file, or an entry of the archive that the file is. */
export interface ItemName {
  readonly path: Buffer;
  /** Within an archive: the entry's name, and its place counted from 1. */
  readonly entry: Buffer | null;
  readonly place: number;
}

/** `folder/archive.zip!entry` for an entry. */
export function shownItem({ path, entry }: Pick<ItemName, "path" | "entry">): string {
  return entry === null ? shownName(path) : `${shownName(path)}!${shownName(entry)}`;
}
