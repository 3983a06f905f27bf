import type { Content } from "../files/content.ts";
import type { ItemName } from "../files/file-name.ts";
import { LEFT_OUT } from "../files/left-out.ts";
import { readFound } from "../files/read-found.ts";
import type { ReadItem } from "../files/read-item.ts";
import { URL_STATS } from "../files/read-url.ts";
import type { FileStats, Found } from "../files/walk.ts";
import { type ItemOutcome, withoutInstance } from "./item-outcome.ts";

/** An instance on its way to the server. */
export interface SendItem {
  readonly name: ItemName;
  readonly stats: FileStats;
  readonly hash: string;
  readonly study: string;
  readonly instance: string;
  /** Bytes that it holds in memory. */
  readonly held: number;
  /** Its content; an outcome instead where the file cannot be read any more. */
  readonly load: () => Promise<Content | ItemOutcome>;
  readonly release: () => Promise<void>;
}

/** An item with its outcome. */
export interface Settled {
  readonly name: ItemName;
  readonly stats: FileStats;
  readonly outcome: ItemOutcome;
}

/** An instance to send, or the outcome of anything else. */
export function sendItemOf(item: ReadItem): SendItem | Settled {
  const { name, stats } = item;
  if (item.status === "refused") {
    return { name, stats, outcome: withoutInstance("refused", item.code) };
  }
  if (item.status === "left-out") {
    return { name, stats, outcome: withoutInstance(LEFT_OUT[item.code].state, item.code) };
  }
  const { content, dicom } = item;
  return {
    name,
    stats,
    hash: content.hash,
    study: dicom.study,
    instance: dicom.instance,
    held: content.head.length,
    load: async () => content,
    release: content.release,
  };
}

/** A file, or what is at an address. */
export type Readable = Exclude<Found, { status: "left-out" }>;

/** A file that had been sent: read again only where the server has lost it. */
export function rememberedItem(
  found: Readable,
  outcome: ItemOutcome & {
    readonly hash: string;
    readonly study: string;
    readonly instance: string;
  },
): SendItem {
  const { path } = found;
  return {
    name: { path, entry: null, place: 0 },
    stats: found.status === "url" ? URL_STATS : found.stats,
    hash: outcome.hash,
    study: outcome.study,
    instance: outcome.instance,
    held: 0,
    load: async () => {
      for await (const item of readFound(found)) {
        const read = sendItemOf(item);
        return "outcome" in read ? read.outcome : read.load();
      }
      return withoutInstance("unreadable", "missing");
    },
    release: async () => {},
  };
}
