import { Stream } from "node:stream";
import type { TenantId } from "@axial/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * What the audit calls a read of this route, as `noun.verb`; null when the process behind it
     * records the read. A route below `:study` has to say.
     */
    audit?: string | null;
  }
}

/** An access to patient data, or an attempt, as the audit records it. */
export interface Access {
  /** Null where it is not known; such attempts are the home tenant's to see. */
  readonly tenant: TenantId | null;
  readonly keyId: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly outcome: "success" | "refused";
  /** An opaque id. */
  readonly target?: string;
  /** Study Instance UID, where the target is not known. */
  readonly studyUid?: string;
  /** Part of what tells accesses apart. */
  readonly detail?: Readonly<Record<string, string>>;
  /** Numbers that add up over accesses that are alike. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** Resolves when the access is on record; rejects when it cannot be, and then it must not happen. */
export type RecordAccess = (access: Access) => Promise<void>;

/** The caller's network address: what a trusted proxy says, else that of the connection. */
export function clientAddress({ raw, server }: FastifyRequest): string | null {
  return server.proxyTrust.client(raw);
}

/**
 * Records each successful read of a route that names one, before the first byte of its answer.
 * Throws at start for a route that reads a study and names none.
 */
export function registerAccess(server: FastifyInstance, record: RecordAccess | undefined): void {
  server.addHook("onRoute", ({ url, method, config }) => {
    const reads = [method].flat().includes("GET") && url.includes("/:study");
    if (reads && config?.audit === undefined) throw new Error(`${url} does not name its audit`);
  });
  server.addHook("onSend", async (request, reply, payload) => {
    const { audit: action } = request.routeOptions.config;
    if (record === undefined || typeof action !== "string" || reply.statusCode >= 400) return;
    try {
      await record(accessOf(request, action));
    } catch (error) {
      if (payload instanceof Stream && "destroy" in payload) (payload as Stream.Readable).destroy();
      throw error;
    }
  });
}

function accessOf(request: FastifyRequest, action: string): Access {
  const { study } = request.params as { readonly study?: string };
  return {
    tenant: request.principal?.tenant ?? null,
    keyId: request.principal?.keyId ?? null,
    address: clientAddress(request),
    action,
    outcome: "success",
    ...(study === undefined ? {} : { studyUid: study }),
  };
}
