import { asAxialError, ERROR_CATALOGUE, type ErrorCode } from "@axial/contracts";
import {
  type CommitmentResult,
  failedOutcome,
  type IncomingInstance,
  type Outcome,
  type Session,
  Status,
} from "@axial/dimse";
import type { ApplicationEntityRow } from "@axial/store/application-entities";
import { recordCommitment } from "@axial/store/delivery";
import type { Dependencies } from "../dependencies.ts";
import type { Sender } from "../ingest/record-stores.ts";
import { Upload } from "../ingest/upload.ts";
import type { AssociationCommitments } from "./commitment-reporter.ts";
import type { Batch } from "./study-batches.ts";

/** What the session needs beside the gateway's dependencies. */
export interface SessionOptions {
  readonly entity: ApplicationEntityRow;
  readonly sender: Sender;
  readonly commitments: AssociationCommitments;
  /** The studies that it closes when it ends; null where it closes none. */
  readonly batch: Batch | null;
  /** The association is over. */
  ended(): void;
}

/**
 * One association's instances on their way into the store: the same path as STOW-RS takes, one
 * instance at a time, each durable before it is answered.
 */
export function dimseSession(dependencies: Dependencies, options: SessionOptions): Session {
  const { db, gate, logger, metrics, tracing } = dependencies;
  const { entity, sender, batch } = options;
  /** The peer has an instance to repeat, on another association. */
  let isToRepeat = false;
  metrics.dimseAssociations.inc();
  const association = tracing.start("association", {
    kind: "server",
    parent: null,
    facts: { "axial.tenant": entity.tenant_id },
  });

  /** One of C-STORE, as a span of its association. */
  async function store(incoming: IncomingInstance): Promise<Outcome> {
    const span = tracing.start("C-STORE", { kind: "server", parent: association.traceParent });
    const outcome = await storeOne(incoming, span.traceParent);
    if (outcome.status !== Status.success) span.fail(`0x${outcome.status.toString(16)}`);
    span.end();
    return outcome;
  }

  function refuse(code: ErrorCode): Outcome {
    isToRepeat ||= ERROR_CATALOGUE[code].retryable;
    return failedOutcome({ code });
  }

  async function storeOne(
    { body, sopClassUid, sopInstanceUid }: IncomingInstance,
    traceParent: string | null,
  ): Promise<Outcome> {
    try {
      await gate.admit(entity.lane);
      await dependencies.quotas.admit(entity.tenant_id);
    } catch (thrown) {
      await drain(body);
      return refuse(asAxialError(thrown).code);
    }
    const upload = new Upload(dependencies, {
      tenant: entity.tenant_id,
      sender,
      studyUid: null,
      named: { sopClassUid, sopInstanceUid },
      lane: entity.lane,
      expectedInstances: null,
      models: entity.models,
      newerInstance: entity.newer_instance,
      traceParent,
    });
    try {
      await upload.receive(body);
      const { outcomes } = await upload.finish();
      const [outcome] = outcomes;
      if (outcome === undefined) return { status: Status.cannotUnderstand };
      if (outcome.status === "failed") return refuse(outcome.code);
      if (outcome.status === "stored") await batch?.join(outcome.study);
      return { status: Status.success };
    } catch (thrown) {
      return refuse(asAxialError(thrown).code);
    }
  }

  async function committed(result: CommitmentResult): Promise<boolean> {
    const { transactionUid, failed } = result;
    const report = { transactionUid, failed: failed.length };
    const isKnown = await recordCommitment(db, entity.tenant_id, report);
    if (!isKnown) logger.warn({ ...sender.detail }, "a report of a commitment that was not asked");
    return isKnown;
  }

  function end(how: "released" | "lost"): void {
    metrics.dimseAssociations.dec();
    if (how === "lost") association.fail(how);
    association.end();
    options.ended();
    // Closed now, a study would be answered from what came before the repeated instance.
    batch?.end(how === "released" && !isToRepeat).catch((err: unknown) => {
      logger.warn({ err }, "studies of an association are closed by their quiet period instead");
    });
  }

  return { ...options.commitments, store, committed, end };
}

async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  for await (const _chunk of body);
}
