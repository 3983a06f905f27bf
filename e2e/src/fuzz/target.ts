import type { Random } from "@axial/dicom/fuzz";
import type { System } from "../system.ts";

/** Services of the system whose doors are knocked at. */
export const FUZZED = ["gateway", "archive", "results"] as const;

/** Something that is sent wrong on purpose. */
export interface Target {
  readonly name: string;
  /**
   * Sends one case; resolves with how it ended, as a word to count, or with what is wrong about that:
   * an answer that says that the service failed, or none at all.
   */
  send(system: System, random: Random): Promise<Ending>;
}

export type Ending =
  | { readonly ended: string }
  /** The `case` shows it again. */
  | { readonly wrong: string; readonly case: Buffer };

/** Longer than any statement may run, and than these cases ask for on a machine with little to spare. */
export const HANG_MS = 90_000;

/** How a case ended that came to no route: it found out nothing. */
export const UNKNOWN_ROUTE = "unknown route";
const NO_ROUTE = '"no such route"';

/** What the answer to a request says. Loads are not failures of the service: 503 and 429. */
export async function request(
  url: string,
  init: RequestInit & { readonly headers: Record<string, string> },
  sent: Buffer,
): Promise<Ending> {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(HANG_MS) });
    const text = await answer.text();
    const { status } = answer;
    const failed = status >= 500 && status !== 503;
    return failed
      ? { wrong: `${status} ${text.slice(0, 500)}`, case: sent }
      : { ended: text.includes(NO_ROUTE) ? UNKNOWN_ROUTE : `${status}` };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    if (name === "TimeoutError") return { wrong: "no answer", case: sent };
    // The server closes what it does not take to its end.
    return { ended: cause?.code ?? name };
  }
}
