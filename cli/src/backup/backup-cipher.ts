import { Decrypter, Encrypter } from "age-encryption";

/** How the files of a backup are written. */
export interface BackupSeal {
  /** Ending of what is sealed. */
  readonly suffix: "" | ".age";
  /** Plain bytes as they are written. */
  readonly seal: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** Written bytes as they were; rejects for a file that no identity opens, or that was changed. */
export type BackupOpen = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

export const UNSEALED: BackupSeal = { suffix: "", seal: (source) => source };
export const UNOPENED: BackupOpen = (source) => source;

/**
 * Encrypts for age recipients (`age1…`, https://age-encryption.org/v1): the machine that makes
 * backups need not be able to read them. Throws for a malformed recipient.
 */
export function sealFor(recipients: readonly string[]): BackupSeal {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return {
    suffix: ".age",
    seal: async function* (source) {
      yield* chunksOf(await encrypter.encrypt(streamOf(source)));
    },
  };
}

/** Decrypts with age identities (`AGE-SECRET-KEY-1…`). Throws for a malformed identity. */
export function openWith(identities: readonly string[]): BackupOpen {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  return async function* (source) {
    yield* chunksOf(await decrypter.decrypt(streamOf(source)));
  };
}

function streamOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(source) as ReadableStream<Uint8Array>;
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk;
}
