import { createHmac } from "node:crypto";

/** Days that dates move back, at least and at most: about one to ten years. */
const LEAST_SHIFT_DAYS = 365;
const MOST_SHIFT_DAYS = 3_650;
const PATIENT_DIGITS = 16;

/** The substitutes derived from one key: the same for the same input, and irreversible without the key. */
export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #uids = new Map<string, string>();

  /** Throws RangeError for a key of less than 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length < 32) throw new RangeError("the key has less than 32 bytes");
    this.#key = key;
  }

  /** A UID under 2.25 (PS3.5 B.2): a UUID of version 8 (RFC 9562) from the HMAC of the old one. */
  uid(uid: string): string {
    const known = this.#uids.get(uid);
    if (known !== undefined) return known;
    const digits = this.#hmac("uid", uid).subarray(0, 16);
    digits[6] = 0x80 | ((digits[6] ?? 0) & 0x0f);
    digits[8] = 0x80 | ((digits[8] ?? 0) & 0x3f);
    const made = `2.25.${BigInt(`0x${digits.toString("hex")}`)}`;
    this.#uids.set(uid, made);
    return made;
  }

  /** Number and name of a patient, identified by number and issuer, or by name without a number. */
  patient(identity: string): string {
    return `P${this.#hmac("patient", identity).toString("hex").slice(0, PATIENT_DIGITS)}`;
  }

  /** How many days the dates of a patient move back. */
  shiftDays(identity: string): number {
    const number = this.#hmac("shift", identity).readUInt32BE(0);
    return LEAST_SHIFT_DAYS + (number % (MOST_SHIFT_DAYS - LEAST_SHIFT_DAYS + 1));
  }

  #hmac(use: string, input: string): Buffer {
    return createHmac("sha256", this.#key).update(`${use}\0${input}`).digest();
  }
}
