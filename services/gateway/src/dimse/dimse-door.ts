import { X509Certificate } from "node:crypto";
import { HOME_TENANT } from "@axial/contracts";
import {
  type AssociationRequest,
  type DimseServer,
  type DimseServerOptions,
  listenDimse,
  MAX_ASSOCIATIONS_PER_TENANT,
  type TlsOptions,
} from "@axial/dimse";
import type { Logger } from "@axial/kit";
import {
  ensureDefaultApplicationEntity,
  findApplicationEntity,
} from "@axial/store/application-entities";
import type { Dependencies } from "../dependencies.ts";
import { CommitmentReporter } from "./commitment-reporter.ts";
import { dimseSession } from "./dimse-session.ts";
import { StudyBatches } from "./study-batches.ts";
import { TenantAssociations } from "./tenant-associations.ts";

export interface DimseDoorOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls?: TlsOptions;
  /** Does without when the port is taken, and says so in the log. */
  readonly optional?: boolean;
  /** Takes from every caller where the installation has no application entity yet. */
  readonly defaultTitle?: string;
  /** Associations that one tenant may have open; `MAX_ASSOCIATIONS_PER_TENANT` unless told. */
  readonly maxAssociationsPerTenant?: number;
}

/** Time that open associations get to end when the process stops. */
const GRACE_MS = 5_000;

const REFUSED_ASSOCIATION = {
  tenant: null,
  keyId: null,
  action: "association",
  outcome: "refused",
} as const;

interface DimseDoor {
  readonly port: number;
  /** Resolves when open associations have ended, or were dropped after a few seconds. */
  close(): Promise<void>;
}

/**
 * The C-STORE door: associations are judged by their titles, their instances go the way of STOW.
 * Resolves with null when the port is taken and the door is optional; rejects otherwise.
 */
export async function openDimseDoor(
  dependencies: Dependencies,
  options: DimseDoorOptions,
): Promise<DimseDoor | null> {
  const { db, logger, audit, gate } = dependencies;
  if (options.defaultTitle !== undefined) {
    const entity = { tenant: HOME_TENANT, calledTitle: options.defaultTitle };
    await ensureDefaultApplicationEntity(db, entity);
  }
  const reporter = new CommitmentReporter(dependencies);
  const batches = new StudyBatches(dependencies);
  const stop = async () => {
    await Promise.all([reporter.close(), batches.close()]);
  };
  const open = new TenantAssociations(
    options.maxAssociationsPerTenant ?? MAX_ASSOCIATIONS_PER_TENANT,
  );
  const listening = listenOrNot(options, logger, {
    associate: async (request) => {
      const { calledAeTitle, callingAeTitle, remoteAddress: address } = request;
      const titles = { calledAeTitle, callingAeTitle };
      const { entity, titleKnown } = await findApplicationEntity(db, calledAeTitle, callingAeTitle);
      if (entity === null) {
        const reason = titleKnown ? "calling-ae-not-recognized" : "called-ae-not-recognized";
        logger.warn({ ...titles, reason }, "association rejected");
        await audit({ ...REFUSED_ASSOCIATION, address, detail: { ...titles, reason } });
        return { status: "rejected", reason };
      }
      if (request.isToStore && !(await gate.isOpen(entity.lane))) {
        logger.warn({ ...titles, lane: entity.lane }, "association rejected: its lane is closed");
        return { status: "rejected", reason: "temporary-congestion" };
      }
      if (!open.begin(entity.tenant_id)) {
        logger.warn({ ...titles }, "association rejected: its tenant has too many");
        return { status: "rejected", reason: "temporary-congestion" };
      }
      const commitments = reporter.of({ entity, callingAeTitle, calledAeTitle });
      const batch = entity.close_on_release ? batches.begin(entity.tenant_id) : null;
      const sender = { keyId: null, address, detail: titles };
      const ended = () => open.end(entity.tenant_id);
      const session = dimseSession(dependencies, { entity, sender, commitments, batch, ended });
      return { status: "accepted", session };
    },
    trouble: (err, request) => logger.warn({ err, ...titles(request) }, "association broken"),
  });
  const server = await listening.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (server === null) {
    await stop();
    return null;
  }
  tellExpiry(dependencies, options.tls);
  logger.info({ port: server.port, tls: options.tls !== undefined }, "C-STORE is taken");
  return {
    port: server.port,
    close: async () => {
      await server.close(GRACE_MS);
      await stop();
    },
  };
}

/** Senders are turned away by an expired certificate, and nothing else says why. */
function tellExpiry({ metrics }: Dependencies, tls: TlsOptions | undefined): void {
  if (tls === undefined) return;
  const { validToDate } = new X509Certificate(tls.cert);
  metrics.certificateExpiry.set({ certificate: "dimse" }, validToDate.getTime() / 1_000);
}

async function listenOrNot(
  { optional = false, ...options }: DimseDoorOptions,
  logger: Logger,
  handlers: Pick<DimseServerOptions, "associate" | "trouble">,
): Promise<DimseServer | null> {
  try {
    return await listenDimse({ ...options, ...handlers });
  } catch (error) {
    if (!optional || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    logger.warn({ port: options.port }, "C-STORE is off: its port is taken");
    return null;
  }
}

function titles(request: AssociationRequest | null) {
  return request === null
    ? {}
    : { callingAeTitle: request.callingAeTitle, calledAeTitle: request.calledAeTitle };
}
