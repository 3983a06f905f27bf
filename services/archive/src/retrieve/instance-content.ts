import { AxialError, asAxialError } from "@axial/contracts";
import { EXPLICIT_LITTLE_ENDIAN, isEncapsulated, readQuickly, writeInstance } from "@axial/dicom";
import type { StoredInstance } from "@axial/store/search";
import type { Dependencies } from "../dependencies.ts";
import { WHOLE_FILE_BYTES } from "../headers/limits.ts";
import { sourceOf, tooLargeToDecode } from "./frames.ts";
import { heldBytes } from "./held-bytes.ts";
import { MAX_DECODED_FILE_BYTES } from "./limits.ts";
import type { Representation } from "./negotiation.ts";
import { begun, coalesced } from "./streams.ts";

/** The bytes of an instance, and the transfer syntax that they are in. */
interface InstanceContent {
  readonly transferSyntax: string;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * An instance as it was stored, or decoded to Explicit VR Little Endian. What turns out not to be
 * decodable is sent as it is stored, and says so, unless the client named the transfer syntax and
 * nothing else: then `not-acceptable`.
 */
export async function openInstance(
  dependencies: Dependencies,
  stored: StoredInstance,
  { form, strict }: Pick<Representation, "form" | "strict">,
): Promise<InstanceContent> {
  if (form === "stored") return storedContent(dependencies, stored);
  try {
    const body = await begun(coalesced(decoded(dependencies, stored)));
    return { transferSyntax: EXPLICIT_LITTLE_ENDIAN, body };
  } catch (thrown) {
    const error = asAxialError(thrown);
    if (error.status !== 422) throw error;
    if (strict) throw new AxialError("not-acceptable", { detail: error.code, cause: error });
    return storedContent(dependencies, stored);
  }
}

/** Small files are read at once, and so checked; larger ones stream. */
async function storedContent(
  { blobs }: Dependencies,
  { blob, bytes, transferSyntax }: StoredInstance,
): Promise<InstanceContent> {
  if (bytes > WHOLE_FILE_BYTES) return { transferSyntax, body: await blobs.getStream(blob) };
  const file = await blobs.get(blob);
  return { transferSyntax, body: onePiece(file) };
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Buffer> {
  yield asBuffer(bytes);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

async function* decoded(
  dependencies: Dependencies,
  stored: StoredInstance,
): AsyncGenerator<Buffer> {
  const { blobs, frames, budget } = dependencies;
  if (stored.bytes > MAX_DECODED_FILE_BYTES) throw tooLargeToDecode();
  const release = await budget.take(stored.tenant, heldBytes(stored));
  try {
    const file = await blobs.get(stored.blob);
    const instance = readQuickly(file);
    if (instance === null) return yield* decodedInThread(dependencies, stored, file);
    const source = isEncapsulated(instance) ? sourceOf(stored, file) : null;
    yield* writeInstance(instance, (frame) =>
      source ? frames.uncompressed(source, frame) : Promise.reject(new AxialError("internal")),
    );
  } finally {
    release();
  }
}

/** The data set is read and written in a thread, and its frames by those that decode. */
async function* decodedInThread(
  { headers, frames }: Dependencies,
  stored: StoredInstance,
  file: Uint8Array,
): AsyncGenerator<Buffer> {
  const source = sourceOf(stored, file);
  const explicit = await headers.explicit(stored, source.bytes);
  yield asBuffer(explicit.head);
  for (let frame = 0; frame < explicit.frames; frame += 1) {
    yield asBuffer((await frames.uncompressed(source, frame)).bytes);
  }
  yield asBuffer(explicit.tail);
}
