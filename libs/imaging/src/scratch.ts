/**
 * Working memory that is kept between frames: a frame's size seldom changes inside a series, and
 * fresh half-megabyte arrays for every slice would cost more than the arithmetic on them. Each
 * name is one buffer of this thread; what it held is overwritten by the next use.
 */
const buffers = new Map<string, Uint8Array>();

/** The buffer called `name` with room for `length` bytes; its content is undefined. */
export function scratchBytes(name: string, length: number): Uint8Array {
  const kept = buffers.get(name);
  if (kept !== undefined && kept.length >= length) return kept.subarray(0, length);
  const made = new Uint8Array(length);
  buffers.set(name, made);
  return made;
}
