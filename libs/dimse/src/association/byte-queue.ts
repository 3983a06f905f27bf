/** Bytes that have come and are not yet taken, in the pieces in which they came. */
export class ByteQueue {
  #pieces: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The first `length` bytes, of as many that are here; copies them only if they are in pieces. */
  take(length: number): Buffer {
    const [first] = this.#pieces;
    if (first === undefined || first.length < length) {
      this.#pieces = [Buffer.concat(this.#pieces, this.#length)];
    }
    return this.takeSome(length);
  }

  /** At most `most` bytes, without copying any. */
  takeSome(most: number): Buffer {
    const [first = Buffer.of()] = this.#pieces;
    const taken = first.subarray(0, most);
    if (taken.length < first.length) this.#pieces[0] = first.subarray(taken.length);
    else this.#pieces.shift();
    this.#length -= taken.length;
    return taken;
  }
}
