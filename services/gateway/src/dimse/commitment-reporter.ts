import {
  type CommitmentRequest,
  type CommitmentResult,
  type Peer,
  peerAt,
  reportCommitment,
} from "@axial/dimse";
import { backoffMs } from "@axial/kit";
import { type Loop, startLoop } from "@axial/kit/loops";
import {
  type ApplicationEntityRow,
  findApplicationEntity,
} from "@axial/store/application-entities";
import {
  type DueReport,
  forgetReport,
  oweReport,
  postponeReport,
  takeReports,
} from "@axial/store/delivery";
import type { Dependencies } from "../dependencies.ts";
import { commitTo } from "./commit.ts";

/** A report on the association comes first; the peer gets so long to take it there. */
const OWN_ASSOCIATION_SECONDS = 120;
/** A report whose gateway died is due again after this; a requester is waited for a minute. */
const LEASE_SECONDS = 120;
const AT_ONCE = 8;
const IDLE_MS = 5_000;
/** Pauses grow to a quarter of an hour. */
const PAUSE_FACTOR = 15;
/** A requester that is away is tried for as long as a weekend's maintenance lasts. */
const OWED_FOR_MS = 3 * 24 * 3_600_000;

interface Requester {
  readonly entity: Pick<ApplicationEntityRow, "tenant_id" | "host">;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
}

/** What one association does about the commitments that are asked on it. */
export interface AssociationCommitments {
  /** Keeps the request, where its requester has an address, and says what is stored. */
  commit(request: CommitmentRequest): Promise<CommitmentResult>;
  /** The report was taken on the association. */
  reported(result: CommitmentResult): void;
  /** It was not, and is due on an association of ours. */
  reportLater(result: CommitmentResult): void;
}

/**
 * Reports of storage commitment that peers are owed: kept from the request on, and tried on
 * associations of our own until one is taken. Gateways share them; each report has one at a time.
 */
export class CommitmentReporter {
  readonly #dependencies: Dependencies;
  readonly #loop: Loop;
  readonly #stop = new AbortController();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    const logger = dependencies.logger.child({ component: "commitment reports" });
    this.#loop = startLoop({ name: "commitment reports", idleMs: IDLE_MS, logger }, () =>
      this.#turn(),
    );
  }

  /** The commitments of an association. */
  of(requester: Requester): AssociationCommitments {
    const { db, logger } = this.#dependencies;
    const { entity, calledAeTitle: calledTitle, callingAeTitle: callingTitle } = requester;
    const tenant = entity.tenant_id;
    const owed = new Map<string, string>();
    const settle = async (uid: string, act: (id: string) => Promise<void>) => {
      const id = owed.get(uid);
      owed.delete(uid);
      if (id === undefined) {
        logger.warn({ callingTitle }, "no address to report a storage commitment to");
        return;
      }
      // Without a database it is due by itself: at worst the peer is told twice.
      await act(id).catch((err: unknown) => logger.warn({ err }, "a commitment is reported later"));
    };
    return {
      commit: async (request) => {
        if (entity.host !== null) {
          const wanted = { tenant, calledTitle, callingTitle, ...request };
          const id = await oweReport(db, wanted, OWN_ASSOCIATION_SECONDS);
          if (id === null) throw new Error("too many commitments wait to be reported");
          owed.set(request.transactionUid, id);
        }
        return commitTo(this.#dependencies, tenant, request);
      },
      reported: ({ transactionUid }) => {
        if (owed.has(transactionUid)) void settle(transactionUid, (id) => forgetReport(db, id));
      },
      reportLater: ({ transactionUid }) =>
        void settle(transactionUid, async (id) => {
          await postponeReport(db, id, 0);
          this.#loop.wake();
        }),
    };
  }

  /** Gives up what is under way; it stays due. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop.close();
  }

  async #turn(): Promise<boolean> {
    if (this.#stop.signal.aborted) return false;
    const { db } = this.#dependencies;
    const due = await takeReports(db, { limit: AT_ONCE, leaseSeconds: LEASE_SECONDS });
    await Promise.all(due.map((report) => this.#report(report)));
    return due.length === AT_ONCE;
  }

  async #report(report: DueReport): Promise<void> {
    const { db, logger } = this.#dependencies;
    const { id, attempts, callingTitle } = report;
    try {
      const peer = await this.#requester(report);
      const result = await commitTo(this.#dependencies, report.tenant, report);
      await reportCommitment(peer, result, this.#stop.signal);
    } catch (err) {
      if (this.#stop.signal.aborted) return postponeReport(db, id, 0);
      if (Date.now() - report.createdAt.getTime() < OWED_FOR_MS) {
        const pauseMs = backoffMs(attempts, Math.random) * PAUSE_FACTOR;
        return postponeReport(db, id, pauseMs / 1_000);
      }
      logger.error({ err, callingTitle }, "a storage commitment was not reported");
    }
    await forgetReport(db, id);
  }

  /** By what is known of it now. The roles change: who called is called. */
  async #requester({ tenant, calledTitle, callingTitle }: DueReport): Promise<Peer> {
    const { entity } = await findApplicationEntity(
      this.#dependencies.db,
      calledTitle,
      callingTitle,
    );
    if (entity === null || entity.tenant_id !== tenant) throw new Error("no such entity any more");
    const { host, port, tls } = entity;
    if (host === null || port === null) throw new Error("the entity has no address any more");
    const target = {
      ...{ host, port, calledTitle: callingTitle, callingTitle: calledTitle },
      ...(tls === null ? {} : { tls: tls as TlsOptions }),
    };
    return peerAt(target, async (name) => name);
  }
}

type TlsOptions = NonNullable<Parameters<typeof peerAt>[0]["tls"]>;
