import { AxialError } from "@axial/contracts";
import { MAX_SLOW_BYTES_PER_REQUEST } from "./limits.ts";

/** What a request made of less: bytes that were inflated, and decompressed to be de-identified. */
export class RequestBudget {
  #spent = 0;

  /** Throws `limit-exceeded` when nothing is left. */
  check(): void {
    if (this.#spent < MAX_SLOW_BYTES_PER_REQUEST) return;
    throw new AxialError("limit-exceeded", {
      detail: `limit of a request: ${MAX_SLOW_BYTES_PER_REQUEST} bytes that are inflated or decompressed`,
    });
  }

  spend(bytes: number): void {
    this.#spent += bytes;
  }
}
