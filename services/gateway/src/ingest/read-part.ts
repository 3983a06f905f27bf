import type { BlobStore } from "@axial/blobs";
import { AxialError, asAxialError, type BlobKey, type TenantId } from "@axial/contracts";
import type { Examined, Examiner } from "../examine/examiner.ts";
import { MAX_INSTANCE_BYTES } from "./limits.ts";
import type { RequestBudget } from "./request-budget.ts";
import { storeError } from "./store-error.ts";
import type { InstanceName } from "./store-report.ts";

/** The content of a part: bytes in memory, or a blob that is in the store already. */
type Content =
  | { readonly held: "memory"; readonly bytes: Buffer }
  | { readonly held: "blob"; readonly key: BlobKey; readonly size: number };

/** A part, or the reason why it was refused. */
export type ReadPart =
  | {
      readonly status: "read";
      readonly instance: Examined;
      readonly content: Content;
    }
  | { readonly status: "failed"; readonly name: InstanceName | null; readonly error: AxialError };

/** A part as far as it fits into memory. */
interface StagedPart {
  readonly bytes: Buffer;
  /** What follows; null when `bytes` is all of it. */
  readonly rest: AsyncIterator<Buffer> | null;
}

/** What parts are read with. */
export interface PartReading {
  readonly tenant: TenantId;
  readonly blobs: BlobStore;
  readonly examiner: Examiner;
  readonly budget: RequestBudget;
}

/**
 * Reads one part: a small one from memory, a larger one through the blob store after its first
 * bytes have been checked. Damage is an outcome; only a broken request or store throws.
 */
export async function readPart(
  { bytes, rest }: StagedPart,
  reading: PartReading,
): Promise<ReadPart> {
  const read = await examined({ bytes, complete: rest === null }, reading);
  if (rest === null) return read;
  if (read.status === "failed") {
    await drain(rest);
    return read;
  }
  const stored = await storeStream({ bytes, rest }, reading.blobs);
  const { facts, expectedEnd } = read.instance;
  if (stored instanceof AxialError) return failure(facts, stored);
  const whole = expectedEnd <= stored.bytes;
  if (!whole) return failure(facts, new AxialError("truncated-pixel-data"));
  return { ...read, content: { held: "blob", key: stored.key, size: stored.bytes } };
}

/**
 * Streams a part into the store. Where the store fails (a full disk) the rest of the part is read
 * past, so that its sender gets an answer; throws where the request itself breaks.
 */
async function storeStream(
  { bytes, rest }: { readonly bytes: Buffer; readonly rest: AsyncIterator<Buffer> },
  blobs: BlobStore,
): Promise<{ readonly key: BlobKey; readonly bytes: number } | AxialError> {
  let broken = false;
  const onBroken = () => {
    broken = true;
  };
  try {
    return await blobs.putStream(rejoin({ bytes, rest }, onBroken), MAX_INSTANCE_BYTES);
  } catch (error) {
    if (broken) throw error;
    await drain(rest);
    return storeError(error);
  }
}

/** Reads a part that is in memory, `complete` or the beginning of one. */
export async function examined(
  { bytes, complete }: { readonly bytes: Buffer; readonly complete: boolean },
  { tenant, examiner, budget }: PartReading,
): Promise<ReadPart> {
  let instance: Examined | null = null;
  try {
    budget.check();
    instance = await examiner.examine({ tenant, bytes, complete });
    if (instance.slow) budget.spend(instance.bytesRead);
    check(instance, complete);
    return { status: "read", instance, content: { held: "memory", bytes } };
  } catch (error) {
    return failure(instance?.facts ?? null, asAxialError(error, "malformed-dicom"));
  }
}

/** What is known of an instance without its study and without decoding it. */
function check(
  { facts, truncated, imageless, expectedEnd, bytesRead }: Examined,
  complete: boolean,
): void {
  if (facts.ownOutput) throw new AxialError("own-output");
  if ((truncated && !facts.hasPixelData) || (complete && imageless)) {
    throw new AxialError("truncated-data-set");
  }
  if (truncated || (complete && expectedEnd > bytesRead)) {
    throw new AxialError("truncated-pixel-data");
  }
}

function failure(name: InstanceName | null, error: AxialError): ReadPart {
  return { status: "failed", name, error };
}

async function* rejoin(
  { bytes, rest }: { readonly bytes: Buffer; readonly rest: AsyncIterator<Buffer> },
  onBroken: () => void,
): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
  const next = () =>
    rest.next().catch((error: unknown) => {
      onBroken();
      throw error;
    });
  for (let chunk = await next(); chunk.done !== true; chunk = await next()) yield chunk.value;
}

async function drain(iterator: AsyncIterator<Buffer>): Promise<void> {
  while ((await iterator.next()).done !== true);
}
