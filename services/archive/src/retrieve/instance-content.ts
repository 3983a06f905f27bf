import { AxialError, asAxialError } from "@axial/contracts";
import { EXPLICIT_LITTLE_ENDIAN, isEncapsulated, readInstance, writeInstance } from "@axial/dicom";
import { sharedBytes } from "@axial/imaging";
import type { StoredInstance } from "@axial/store/search";
import type { Dependencies } from "../dependencies.ts";
import { MAX_DECODED_FILE_BYTES, WHOLE_FILE_BYTES } from "./limits.ts";
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
  yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

async function* decoded(
  { blobs, frames, budget }: Dependencies,
  { blob, bytes }: StoredInstance,
): AsyncGenerator<Buffer> {
  if (bytes > MAX_DECODED_FILE_BYTES) throw tooLargeToDecode();
  const release = await budget.take(bytes);
  try {
    const file = await blobs.get(blob);
    const instance = readInstance(file);
    const source = isEncapsulated(instance) ? { key: blob, bytes: sharedBytes(file) } : null;
    yield* writeInstance(instance, (frame) =>
      source ? frames.uncompressed(source, frame) : Promise.reject(new AxialError("internal")),
    );
  } finally {
    release();
  }
}

export function tooLargeToDecode(): AxialError {
  return new AxialError("limit-exceeded", {
    detail: `files of more than ${MAX_DECODED_FILE_BYTES} bytes are not decoded for readers`,
  });
}
