/**
 * Frames of single-bit cells follow each other without padding (PS3.5 8.1.1): joins frames that
 * each begin in a byte of their own and hold `bits` cells, the first in the lowest bit.
 */
export async function* joinBits(
  frames: AsyncIterable<Uint8Array>,
  bits: number,
): AsyncGenerator<Buffer> {
  let carried = 0;
  let carry = 0;
  for await (const frame of frames) {
    const out = Buffer.alloc((carried + bits) >> 3);
    let at = 0;
    for (let bit = 0; bit < bits; bit += 1) {
      carry |= (((frame[bit >> 3] ?? 0) >> (bit & 7)) & 1) << carried;
      carried += 1;
      if (carried < 8) continue;
      out[at] = carry;
      at += 1;
      carry = 0;
      carried = 0;
    }
    yield out;
  }
  if (carried > 0) yield Buffer.of(carry);
}
