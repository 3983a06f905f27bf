import { AxialError, type BackfillState, BackfillSummarySchema } from "@axial/contracts";
import { principalOf, withdrawJobs } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import {
  type BackfillRow,
  cancelItems,
  endListing,
  moveBackfill,
  retryItems,
} from "@axial/store/backfill";
import type { DatabaseTransaction } from "@axial/store/database";
import { cancelStudy, type WithdrawnJob } from "@axial/store/planning";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { backfillSummary } from "../backfill/view.ts";
import type { Dependencies } from "../dependencies.ts";
import { BACKFILLS, BackfillParams, demandBackfill } from "./backfills.ts";

interface Action {
  readonly role: "operator" | "sender";
  readonly summary: string;
  /** Resolves with the jobs to withdraw after the commit. */
  readonly act: (trx: DatabaseTransaction, backfill: BackfillRow) => Promise<WithdrawnJob[]>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  pause: {
    role: "operator",
    summary: "Start no more items; what runs ends",
    act: (trx, { id }) => move(trx, id, { from: ["running", "paused"], to: "paused" }),
  },
  resume: {
    role: "operator",
    summary: "Go on",
    act: (trx, { id }) => move(trx, id, { from: ["running", "paused"], to: "running" }),
  },
  cancel: {
    role: "operator",
    summary: "Drop what has not ended; results are kept",
    act: cancel,
  },
  retry: {
    role: "operator",
    summary: "Run failed items again",
    act: async (trx, { id }) => {
      await retryItems(trx, id);
      return move(trx, id, { from: ["running", "paused", "done"], to: "running" });
    },
  },
  listed: {
    role: "sender",
    summary: "The client has read its source to the end",
    act: async (trx, backfill) => {
      if (backfill.source !== "sent" && !backfill.manifest) {
        throw new AxialError("conflict", { detail: "the server lists the studies itself" });
      }
      await endListing(trx, backfill);
      return [];
    },
  },
};

/** `POST /api/v1/backfills/{id}/pause|resume|cancel|retry|listed`: each may be repeated. */
export function backfillActionRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const [name, { role, summary, act }] of Object.entries(ACTIONS)) {
      const schema = {
        summary,
        tags: ["backfills"],
        params: BackfillParams,
        response: { 200: BackfillSummarySchema },
      };
      const config = { role, forTenants: true };
      server.post(`${BACKFILLS}/:id/${name}`, { config, schema }, async (request) => {
        const row = await demandBackfill(dependencies, request);
        const principal = principalOf(request);
        const withdrawn = await dependencies.db.transaction().execute(async (trx) => {
          const jobs = await act(trx, row);
          await writeAudit(trx, { principal, action: `backfill.${name}`, target: row.id });
          return jobs;
        });
        await withdrawJobs(dependencies.queues, withdrawn);
        return backfillSummary(await demandBackfill(dependencies, request));
      });
    }
  };
}

async function move(
  trx: DatabaseTransaction,
  id: string,
  states: { readonly from: readonly BackfillState[]; readonly to: BackfillState },
): Promise<WithdrawnJob[]> {
  if (await moveBackfill(trx, id, states)) return [];
  throw new AxialError("conflict", { detail: "the backfill is over" });
}

async function cancel(trx: DatabaseTransaction, { id }: BackfillRow): Promise<WithdrawnJob[]> {
  await move(trx, id, { from: ["running", "paused", "cancelled"], to: "cancelled" });
  const jobs: WithdrawnJob[] = [];
  for (const study of await cancelItems(trx, id)) jobs.push(...(await cancelStudy(trx, study)));
  return jobs;
}
