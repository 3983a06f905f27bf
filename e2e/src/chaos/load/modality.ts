import { AxialError, type Lane } from "@axial/contracts";
import { type Outcome, Status, sendInstances } from "@axial/dimse";
import type { Ledger, SentStudy } from "./ledger.ts";
import { type Patience, repeat } from "./repeat.ts";

/** A modality gives up on an association after a while, and sends again on another. */
const ASSOCIATION_TIMEOUT_MS = 15_000;
const OWN_TITLE = "MODALITY";
/** A rejection by the service user (PS3.8 9.3.4): the titles, which were right. */
const REJECTED_FOR_GOOD = /source 1\b/;

/** Where a gateway takes associations. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

interface ModalityOptions extends Patience {
  /** One of them takes each association, as behind a load balancer. */
  readonly gateways: readonly Address[];
  readonly ledger: Ledger;
}

/** The title that a tenant's studies of a lane are sent to; at most sixteen characters. */
export function titleOf(tenant: string, lane: Lane): string {
  return `${tenant}-${lane.slice(0, 1)}`.toUpperCase();
}

/** Sends by C-STORE, one association for a study, and repeats it until all is acknowledged. */
export class Modality {
  readonly #options: ModalityOptions;

  constructor(options: ModalityOptions) {
    this.#options = options;
  }

  /** Stores the files of a study's instances, in their order; true once each was a success. */
  store(study: SentStudy, files: readonly Buffer[]): Promise<boolean> {
    const uids = study.series.flatMap(({ instances }) => instances.map(({ uid }) => uid));
    const onOutcome = (index: number, { status }: Outcome) => {
      const uid = uids[index];
      if (status === Status.success && uid !== undefined) study.acknowledged.add(uid);
    };
    return repeat(this.#options, async () => {
      const signal = AbortSignal.timeout(ASSOCIATION_TIMEOUT_MS);
      const sent = await sendInstances(this.#peer(study), files, { signal, onOutcome }).catch(
        (error: unknown) => error,
      );
      return Array.isArray(sent) ? this.#judge(sent) : this.#judgeFailure(sent);
    });
  }

  #judge(outcomes: readonly Outcome[]): "taken" | "refused" | "again" {
    const { ledger } = this.#options;
    const failed = outcomes.filter(({ status }) => status !== Status.success);
    for (const { status } of failed) {
      const name = `C-STORE ${status.toString(16).padStart(4, "0")}`;
      if (isFinal(status)) ledger.rejections.push(name);
      else ledger.retry(name);
    }
    if (failed.length === 0) return "taken";
    return failed.some(({ status }) => isFinal(status)) ? "refused" : "again";
  }

  #judgeFailure(error: unknown): "refused" | "again" {
    const { ledger } = this.#options;
    if (!(error instanceof AxialError)) throw error;
    const { code, detail = "" } = error;
    if (code === "peer-rejected" && REJECTED_FOR_GOOD.test(detail)) {
      ledger.rejections.push(detail);
      return "refused";
    }
    ledger.retry(code === "peer-rejected" ? detail : "association broken");
    return "again";
  }

  #peer({ tenant, lane }: SentStudy) {
    const { gateways, random } = this.#options;
    const gateway = gateways[Math.floor(random() * gateways.length)];
    if (gateway === undefined) throw new Error("no gateway takes associations");
    return { ...gateway, calledAeTitle: titleOf(tenant, lane), callingAeTitle: OWN_TITLE };
  }
}

/** Refused because of the instance or its sender, not because the gateway is short of something. */
function isFinal(status: number): boolean {
  const isForNow = (status & 0xff00) === 0xa700 || status === Status.processingFailure;
  return status !== Status.success && !isForNow;
}
