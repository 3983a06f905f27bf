import { createHash } from "node:crypto";

/** Keys in use at one time, many times over. */
const MAX_REMEMBERED = 10_000;

/** Tokens that were valid when they were last used, as digests; the oldest make room. */
export class AcceptedTokens {
  readonly #digests = new Set<string>();
  /** Saves hashing the token of a busy sender again and again. */
  #last = "";

  add(token: string): void {
    if (token === this.#last) return;
    this.#last = token;
    this.#digests.add(digestOf(token));
    if (this.#digests.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#digests) {
      this.#digests.delete(oldest);
      return;
    }
  }

  has(token: string): boolean {
    return this.#digests.has(digestOf(token));
  }
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
