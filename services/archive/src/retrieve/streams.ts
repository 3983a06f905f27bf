/** Small pieces are sent together: a data set is written element by element. */
const SENT_BYTES = 64 * 1024;

/** The same bytes in pieces that are worth a system call. */
export async function* coalesced(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < SENT_BYTES) continue;
    yield held.length === 1 ? piece : Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/**
 * Resolves when the first piece is there, so that a failure can still become a status. No
 * generator: one that was never started does not close what it reads from.
 */
export async function begun(pieces: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const iterator = pieces[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer> | null = await iterator.next();
  const rest: AsyncIterator<Buffer> = {
    next: async () => {
      const held = first;
      first = null;
      return held ?? iterator.next();
    },
    return: async () => {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => rest };
}
