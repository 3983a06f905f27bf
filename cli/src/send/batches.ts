import { readFound } from "../files/read-found.ts";
import { URL_STATS } from "../files/read-url.ts";
import type { Found } from "../files/walk.ts";
import type { Journal } from "./journal.ts";
import {
  type Readable,
  rememberedItem,
  type SendItem,
  type Settled,
  sendItemOf,
} from "./send-item.ts";

/** Of one request: small enough to repeat, large enough to share the server's sync. */
const MAX_REQUEST_BYTES = 16 << 20;
const MAX_REQUEST_ITEMS = 128;
/** Outcomes that one transaction of the journal keeps. */
const MAX_SETTLED = 256;

/** Instances for one request, and outcomes of other items that were met among them. */
export interface Batch {
  readonly send: readonly SendItem[];
  readonly settled: readonly Settled[];
}

/**
 * Everything that was found in batches, read no faster than they are taken. A SOP Instance UID is
 * in a batch once: the server's answer tells instances apart by nothing else.
 */
export async function* batches(
  source: AsyncIterable<Found>,
  journal: Journal,
): AsyncGenerator<Batch> {
  let send: SendItem[] = [];
  let settled: Settled[] = [];
  let uids = new Set<string>();
  let bytes = 0;
  const take = (): Batch => {
    const batch = { send, settled };
    [send, settled, uids, bytes] = [[], [], new Set(), 0];
    return batch;
  };
  for await (const item of items(source, journal)) {
    if ("outcome" in item) {
      settled.push(item);
      if (settled.length >= MAX_SETTLED) yield take();
      continue;
    }
    const full = bytes + item.held > MAX_REQUEST_BYTES || send.length >= MAX_REQUEST_ITEMS;
    if (send.length > 0 && (full || uids.has(item.instance))) yield take();
    send.push(item);
    uids.add(item.instance);
    bytes += item.held;
  }
  if (send.length > 0 || settled.length > 0) yield take();
}

async function* items(
  source: AsyncIterable<Found>,
  journal: Journal,
): AsyncGenerator<SendItem | Settled> {
  for await (const found of source) {
    const remembered = found.status === "left-out" ? null : recalled(found, journal);
    if (remembered !== null) yield remembered;
    else for await (const item of readFound(found)) yield sendItemOf(item);
  }
}

/**
 * What the journal knows for good about an unchanged file. An address may hold another file the next
 * time: only the transfer that goes on believes what it knows of it.
 */
function recalled(found: Readable, journal: Journal): SendItem | Settled | null {
  const stats = found.status === "url" ? URL_STATS : found.stats;
  const outcome = journal.recall(found.path, stats);
  if (outcome === null || (found.status === "url" && !outcome.current)) return null;
  const { hash, study, instance, state } = outcome;
  const name = { path: found.path, entry: null, place: 0 };
  switch (state) {
    case "new":
    case "known":
      if (hash === null || study === null || instance === null) return null;
      return rememberedItem(found, { ...outcome, hash, study, instance });
    case "refused":
    case "not-dicom":
    case "skipped":
      return { name, stats, outcome };
    case "failed":
    case "unreadable":
      return null;
  }
}
