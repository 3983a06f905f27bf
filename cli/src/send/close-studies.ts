import { ApiError } from "@axial/client";
import type { Journal } from "./journal.ts";
import { isPassing } from "./patience.ts";
import type { Sender } from "./send-batch.ts";

/** Closed side by side, and kept in the journal together. */
const PAGE = 16;

/** A study that the server would not close, and why. */
export interface Unclosed {
  readonly study: string;
  readonly code: string;
}

/** Closes the studies of a transfer. Resolves with those that the server would not close. */
export async function closeStudies(
  { client, patience }: Pick<Sender, "client" | "patience">,
  journal: Journal,
): Promise<Unclosed[]> {
  const unclosed: Unclosed[] = [];
  const close = async (study: string): Promise<void> => {
    try {
      await patience.run(() => client.studies.close(study));
      journal.closed([study]);
    } catch (error) {
      if (!(error instanceof ApiError) || isPassing(error)) throw error;
      unclosed.push({ study, code: error.code });
    }
  };
  for (let after = ""; ; ) {
    const page = journal.openStudies(after, PAGE);
    await Promise.all(page.map(close));
    after = page.at(-1) ?? after;
    if (page.length < PAGE) return unclosed;
  }
}
