import type { AxialClient } from "@axial/client";
import type { BackfillSummary } from "@axial/contracts";
import type { Patience } from "./patience.ts";
import type { SendItem, Settled } from "./send-item.ts";

/** Tells the server which studies of a backfill will come, have come, or cannot. */
export interface Feed {
  /** Before they are sent: until they are whole the server must not close them. */
  announce(items: readonly SendItem[], patience: Patience): Promise<void>;
  settled(items: readonly Settled[], patience: Patience): Promise<void>;
}

interface Report {
  readonly study: string;
  readonly state: "waiting" | "sent" | "refused" | "failed";
  readonly code?: string;
  readonly fresh?: boolean;
}

/** The feed of the backfill `id`. */
export function feedOf(client: AxialClient, id: string): Feed {
  const put = async (items: readonly Report[], patience: Patience): Promise<void> => {
    if (items.length === 0) return;
    await patience.run(() =>
      client.json<BackfillSummary>(`/api/v1/backfills/${id}/items`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ items }),
      }),
    );
  };
  return {
    announce: (items, patience) => {
      const studies = new Set(items.map(({ study }) => study));
      return put(
        [...studies].map((study) => ({ study, state: "waiting" })),
        patience,
      );
    },
    settled: (items, patience) => put(reportsOf(items), patience),
  };
}

/** One report per study: an instance of it that is on the server outweighs those that are not. */
function reportsOf(items: readonly Settled[]): Report[] {
  const reports = new Map<string, Report>();
  for (const { outcome } of items) {
    const { study, state, code } = outcome;
    if (study === null) continue;
    const known = reports.get(study);
    if (state === "new" || state === "known") {
      const fresh = state === "new" || known?.fresh === true;
      reports.set(study, { study, state: "sent", fresh });
    } else if (known === undefined && (state === "refused" || state === "failed")) {
      reports.set(study, { study, state, ...(code === null ? {} : { code }) });
    }
  }
  return [...reports.values()];
}
