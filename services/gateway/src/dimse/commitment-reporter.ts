import { setTimeout as sleep } from "node:timers/promises";
import { type CommitmentResult, reportCommitment } from "@axial/dimse";
import type { Logger } from "@axial/kit";
import type { ApplicationEntityRow } from "@axial/store/application-entities";

/** Pauses between tries; after the last the requester has to ask again, as the standard has it. */
const PAUSES_MS = [0, 1_000, 5_000, 30_000, 120_000];

interface Requester {
  readonly entity: ApplicationEntityRow;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
}

/**
 * Reports of storage commitment whose association was over before they were ready: each opens one
 * of its own to the requester, tried a few times. Without a known address a report is dropped and
 * said so in the log.
 */
export class CommitmentReporter {
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What reports to this requester. */
  to(requester: Requester): (result: CommitmentResult) => void {
    return (result) => {
      const running = this.#report(requester, result).finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
  }

  /** Gives up what is still waiting. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #report(requester: Requester, result: CommitmentResult): Promise<void> {
    const { entity, callingAeTitle, calledAeTitle } = requester;
    const { host, port } = entity;
    if (host === null || port === null) {
      this.#logger.warn({ callingAeTitle }, "no address to report a storage commitment to");
      return;
    }
    const { signal } = this.#stop;
    // The roles change: who called is called now.
    const peer = { host, port, calledAeTitle: callingAeTitle, callingAeTitle: calledAeTitle };
    let last: unknown = null;
    for (const pause of PAUSES_MS) {
      await sleep(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        return await reportCommitment(peer, result, signal);
      } catch (error) {
        last = error;
      }
    }
    this.#logger.error({ err: last, callingAeTitle }, "a storage commitment was not reported");
  }
}
