import { resolve } from "node:path";
import type { BackfillFilter } from "@axial/contracts";
import { type FolderMemory, type Found, walk } from "../files/walk.ts";
import { filesOf, kindOfList } from "./list-file/list-file.ts";
import { isListFile } from "./list-file/list-rows.ts";

/** The source that is not a path: studies that Axial has. */
export const STORED = "stored";

/** What a command selects. */
export type Selection =
  /** Files of this machine or of addresses, which the client sends. */
  | { readonly kind: "files"; find(isNewFolder: FolderMemory): AsyncIterable<Found> }
  /** Studies that Axial has, by a filter. */
  | { readonly kind: "stored"; readonly filter: BackfillFilter }
  /** Studies of a source of the server, by a filter. */
  | { readonly kind: "pulled"; readonly filter: BackfillFilter; readonly from: string }
  /** Studies that a list names: of a source, or those that Axial has. */
  | { readonly kind: "named"; readonly list: string; readonly from: string | null };

interface Selected {
  readonly sources: readonly string[];
  readonly filter: BackfillFilter;
  /** A source of the server (`axial source`). */
  readonly from: string | null;
}

/** Reads what was given. Throws for what does not go together. */
export async function selectionOf({ sources, filter, from }: Selected): Promise<Selection> {
  const [first, ...others] = sources;
  if (first !== undefined && isListFile(first)) {
    if (others.length > 0) throw new Error("a list is the only source");
    return selectionOfList(first, { sources, filter, from });
  }
  if (from !== null) {
    if (first !== undefined) throw new Error("--source goes with a list, or alone");
    return { kind: "pulled", filter, from };
  }
  if (first === undefined) {
    throw new Error("name folders, archives, a list or stored, or one source with --source");
  }
  if (first === STORED && others.length === 0) return { kind: "stored", filter };
  demandNoFilter(filter, "folders are read whole");
  return { kind: "files", find: (isNewFolder) => under(sources, isNewFolder) };
}

async function selectionOfList(list: string, { filter, from }: Selected): Promise<Selection> {
  demandNoFilter(filter, "a list names what is to be run");
  if ((await kindOfList(list)) === "studies") return { kind: "named", list, from };
  if (from !== null) throw new Error(`${list} names files: --source pulls studies`);
  return { kind: "files", find: (isNewFolder) => filesOf(list, isNewFolder) };
}

function demandNoFilter(filter: BackfillFilter, why: string): void {
  if (Object.keys(filter).length > 0) throw new Error(`--filter: ${why}`);
}

async function* under(
  sources: readonly string[],
  isNewFolder: FolderMemory,
): AsyncGenerator<Found> {
  for (const source of sources) yield* walk(Buffer.from(resolve(source)), isNewFolder);
}
