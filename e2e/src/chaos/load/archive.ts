import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AxialError } from "@axial/contracts";
import {
  type AssociationRequest,
  type CommitmentRequest,
  type CommitmentResult,
  type DimseServer,
  listenDimse,
  type Outcome,
  reportCommitment,
  type Session,
  Status,
} from "@axial/dimse";
import type { Address } from "./modality.ts";
import { UnsteadyNetwork } from "./unsteady-network.ts";

/** Of a hundred C-STOREs so many are called stored and not kept, while the archive is unreliable. */
const LIES = 0.2;
const REFUSALS = 0.15;
const REFUSED_WITH = [0xa700, 0xa900, 0xc000, 0x0110] as const;
/** So many commitments are reported on an association of the archive's own. */
const LATE_REPORTS = 0.3;
/** Longer than a requester stays for the report. */
const LATE_MS = 6_000;
const REPORT_AGAIN_MS = 500;
/** No such instance (PS3.3 C.14.1.1). */
const NOT_KEPT = 0x0112;

/** The hospital's PACS: takes reports by C-STORE and commits to what it keeps. */
export interface Archive {
  readonly port: number;
  /** SHA-256 of the data set of each object that it keeps, by SOP Instance UID. */
  readonly kept: ReadonlyMap<string, string>;
  /** Objects that came again with other bytes. */
  readonly changed: readonly string[];
  /** What it called stored and did not keep. */
  readonly lies: number;
  /** From now on it does what an archive should. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

interface ArchiveOptions {
  /** The address of this process as the services reach it. */
  readonly host: string;
  readonly random: () => number;
  /** Where reports of commitment go that are too late for their association. */
  readonly gateways: readonly Address[];
}

/** Starts one that is away, slow and lying at random. */
export async function startArchive(options: ArchiveOptions): Promise<Archive> {
  const archive = new UnreliableArchive(options);
  const server = await listenDimse({
    host: "127.0.0.1",
    port: 0,
    associate: async (request) => ({ status: "accepted", session: archive.session(request) }),
    trouble: () => {},
  });
  const { host, random } = options;
  const network = await UnsteadyNetwork.open({ target: server.port, host, random });
  return {
    port: network.port,
    kept: archive.kept,
    changed: archive.changed,
    get lies() {
      return archive.lies;
    },
    recover: async () => {
      archive.unreliable = false;
      await network.recover();
    },
    close: () => closeAll(archive, network, server),
  };
}

async function closeAll(
  archive: UnreliableArchive,
  network: UnsteadyNetwork,
  server: DimseServer,
): Promise<void> {
  archive.stop();
  await network.close();
  await server.close();
}

class UnreliableArchive {
  readonly kept = new Map<string, string>();
  readonly changed: string[] = [];
  lies = 0;
  unreliable = true;
  readonly #options: ArchiveOptions;
  readonly #stopping = new AbortController();

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopping.abort();
  }

  session(request: AssociationRequest): Session {
    return {
      store: ({ sopInstanceUid, body }) => this.#store(sopInstanceUid, body),
      commit: (wanted) => this.#commit(wanted),
      committed: async () => false,
      reportLater: (result) => void this.#report(request, result),
      end: () => {},
    };
  }

  async #store(uid: string, body: AsyncIterable<Buffer>): Promise<Outcome> {
    const hash = createHash("sha256");
    let isMeta = true;
    for await (const chunk of body) {
      if (!isMeta) hash.update(chunk);
      isMeta = false;
    }
    const { random } = this.#options;
    const drawn = this.unreliable ? random() : 1;
    if (drawn < LIES) {
      this.lies += 1;
      return { status: Status.success };
    }
    if (drawn < LIES + REFUSALS) {
      const status = REFUSED_WITH[Math.floor(random() * REFUSED_WITH.length)];
      return { status: status ?? Status.processingFailure };
    }
    const sha256 = hash.digest("hex");
    if ((this.kept.get(uid) ?? sha256) !== sha256) this.changed.push(uid);
    this.kept.set(uid, sha256);
    return { status: Status.success };
  }

  async #commit({ transactionUid, instances }: CommitmentRequest): Promise<CommitmentResult> {
    if (this.unreliable && this.#options.random() < LATE_REPORTS) await this.#wait(LATE_MS);
    const failed = instances
      .filter(({ sopInstanceUid }) => !this.kept.has(sopInstanceUid))
      .map((one) => ({ ...one, reason: NOT_KEPT }));
    const safe = instances.filter(({ sopInstanceUid }) => this.kept.has(sopInstanceUid));
    return { transactionUid, instances: safe, failed };
  }

  /** Until a gateway takes it, or knows no such request (any more). */
  async #report(request: AssociationRequest, result: CommitmentResult): Promise<void> {
    const { gateways, random } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const gateway = gateways[Math.floor(random() * gateways.length)];
      if (gateway === undefined) return;
      // The roles are reversed: the former caller is called.
      const calledAeTitle = request.callingAeTitle;
      const peer = { ...gateway, calledAeTitle, callingAeTitle: request.calledAeTitle };
      const failure = await reportCommitment(peer, result, signal).catch((error: unknown) => error);
      if (failure === undefined) return;
      if (failure instanceof AxialError && failure.code === "peer-refused") return;
      await this.#wait(REPORT_AGAIN_MS);
    }
  }

  #wait(milliseconds: number): Promise<unknown> {
    return delay(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}
