import { ApiError, type AxialClient, type StoreAnswer, type StoreOutcome } from "@axial/client";
import type { Content } from "../files/content.ts";
import type { Batch } from "./batches.ts";
import type { ItemOutcome, ItemState } from "./item-outcome.ts";
import { isPassing, type Patience } from "./patience.ts";
import type { SendItem, Settled } from "./send-item.ts";
import { type StoreOptions, storeRequest } from "./store-request.ts";

/** A wrong key or address is not the fault of an item: it ends the transfer. */
const ENDS_TRANSFER: ReadonlySet<number> = new Set([401, 403, 404]);

export interface Sender {
  readonly client: AxialClient;
  readonly patience: Patience;
  readonly store: StoreOptions;
}

type Loaded = SendItem & { readonly content: Content };

/**
 * Sends what the server does not have. Resolves with an outcome for each item; rejects only where
 * no item would fare better: the server is away for too long, or takes neither key nor address.
 */
export async function sendBatch(sender: Sender, batch: Batch): Promise<Settled[]> {
  try {
    const known = await knownHashes(sender, batch.send);
    const settled = [...batch.settled];
    const missing: Loaded[] = [];
    for (const item of batch.send) {
      if (known.has(item.hash)) settled.push(settle(item, "known", null));
      else {
        const content = await item.load();
        if ("state" in content) settled.push({ ...item, outcome: content });
        else missing.push({ ...item, content });
      }
    }
    return [...settled, ...(await storeAll(sender, missing))];
  } finally {
    for (const item of batch.send) await item.release();
  }
}

async function knownHashes(
  { client, patience }: Sender,
  items: readonly SendItem[],
): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set();
  const hashes = [...new Set(items.map(({ hash }) => hash))];
  return patience.run(() => client.known(hashes));
}

/** A request that is refused as a whole is divided, until the item to blame is alone. */
async function storeAll(sender: Sender, items: readonly Loaded[]): Promise<Settled[]> {
  if (items.length === 0) return [];
  const { client, patience, store } = sender;
  const contents = items.map(({ content }) => content);
  try {
    const answer = await patience.run(() => storeRequest(client, contents, store));
    return await settleAll(sender, items, answer);
  } catch (error) {
    if (!(error instanceof ApiError) || endsTransfer(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      return [settle(only, error.status < 500 ? "refused" : "failed", error.code)];
    }
    return divide(sender, items);
  }
}

function endsTransfer(error: ApiError): boolean {
  return ENDS_TRANSFER.has(error.status) || isPassing(error, Number.POSITIVE_INFINITY);
}

async function divide(sender: Sender, items: readonly Loaded[]): Promise<Settled[]> {
  const middle = Math.ceil(items.length / 2);
  const first = await storeAll(sender, items.slice(0, middle));
  return [...first, ...(await storeAll(sender, items.slice(middle)))];
}

/** Items that the answer does not name are sent again alone. */
async function settleAll(
  sender: Sender,
  items: readonly Loaded[],
  { outcomes, unnamed }: StoreAnswer,
): Promise<Settled[]> {
  const settled: Settled[] = [];
  const unanswered: Loaded[] = [];
  for (const item of items) {
    const outcome = outcomes.get(item.instance);
    if (outcome !== undefined) settled.push(settleBy(item, outcome));
    else unanswered.push(item);
  }
  const [only] = unanswered;
  if (only === undefined) return settled;
  if (items.length === 1) {
    const [code = "no-answer"] = unnamed;
    return [settle(only, unnamed.length > 0 ? "refused" : "failed", code)];
  }
  for (const item of unanswered) settled.push(...(await storeAll(sender, [item])));
  return settled;
}

function settleBy(item: SendItem, outcome: StoreOutcome): Settled {
  switch (outcome.status) {
    case "stored":
      return settle(item, "new", null);
    case "ignored":
      return settle(item, "skipped", "own-output");
    case "failed":
      return settle(item, "refused", outcome.code);
  }
}

function settle(item: SendItem, state: ItemState, code: string | null): Settled {
  const { name, stats, hash, study, instance } = item;
  const outcome: ItemOutcome = { state, code, hash, study, instance };
  return { name, stats, outcome };
}
