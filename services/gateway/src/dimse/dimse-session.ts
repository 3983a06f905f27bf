import { asAxialError, ERROR_CATALOGUE, type ErrorCode, type StudyId } from "@axial/contracts";
import {
  type CommitmentRequest,
  type CommitmentResult,
  failedOutcome,
  type IncomingInstance,
  type Outcome,
  type Session,
  Status,
} from "@axial/dimse";
import { type ApplicationEntityRow, storedSopClasses } from "@axial/store/application-entities";
import { recordCommitment } from "@axial/store/delivery";
import { closeStudies } from "@axial/store/ingest";
import type { Dependencies } from "../dependencies.ts";
import type { Sender } from "../ingest/record-stores.ts";
import { Upload } from "../ingest/upload.ts";

/** Failure reasons of storage commitment (PS3.3 C.14.1.1). */
const NO_SUCH_INSTANCE = 0x0112;
const CLASS_CONFLICT = 0x0119;

/** What the session needs beside the gateway's dependencies. */
export interface SessionOptions {
  readonly entity: ApplicationEntityRow;
  readonly sender: Sender;
  /** Reports a commitment on an association of our own. */
  reportLater(result: CommitmentResult): void;
  /** The association is over. */
  ended(): void;
}

/**
 * One association's instances on their way into the store: the same path as STOW-RS takes, one
 * instance at a time, each durable before it is answered.
 */
export function dimseSession(dependencies: Dependencies, options: SessionOptions): Session {
  const { db, gate, logger, metrics, tracing } = dependencies;
  const { entity, sender } = options;
  const studies = new Set<StudyId>();
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
      traceParent,
    });
    try {
      await upload.receive(body);
      const { outcomes } = await upload.finish();
      const [outcome] = outcomes;
      if (outcome === undefined) return { status: Status.cannotUnderstand };
      if (outcome.status === "failed") return refuse(outcome.code);
      if (outcome.status === "stored") studies.add(outcome.study);
      return { status: Status.success };
    } catch (thrown) {
      return refuse(asAxialError(thrown).code);
    }
  }

  async function commit(request: CommitmentRequest): Promise<CommitmentResult> {
    const deidentifier = await dependencies.deidentifiers.of(entity.tenant_id);
    const storedUid = (uid: string) => deidentifier?.uid(uid) ?? uid;
    const uids = request.instances.map(({ sopInstanceUid }) => storedUid(sopInstanceUid));
    const classes = await storedSopClasses(db, entity.tenant_id, uids);
    const failed = request.instances.flatMap((one) => {
      const stored = classes.get(storedUid(one.sopInstanceUid));
      if (stored === one.sopClassUid) return [];
      return [{ ...one, reason: stored === undefined ? NO_SUCH_INSTANCE : CLASS_CONFLICT }];
    });
    const lost = new Set(failed.map(({ sopInstanceUid }) => sopInstanceUid));
    const instances = request.instances.filter((one) => !lost.has(one.sopInstanceUid));
    return { transactionUid: request.transactionUid, instances, failed };
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
    if (how !== "released" || !entity.close_on_release || studies.size === 0) return;
    // Closed now, a study would be answered from what came before the repeated instance.
    if (isToRepeat) return;
    const close = { ids: [...studies], reason: "request" } as const;
    closeStudies(db, entity.tenant_id, close).catch((err: unknown) => {
      logger.warn({ err }, "studies of an association are closed by their quiet period instead");
    });
  }

  return { store, commit, committed, reportLater: options.reportLater, end };
}

async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  for await (const _chunk of body);
}
