import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role, TenantId } from "@axial/contracts";
import {
  type Authenticate,
  type Authentication,
  createHttpServer,
  createMetrics,
  type HttpServer,
  openQueues,
  type Queues,
} from "@axial/kit";
import { AuditTrail } from "@axial/service";
import type { Database } from "@axial/store/database";
import { TINY_MODELS } from "@axial/testkit";
import { createResults } from "../../src/service.ts";
import { TENANT } from "./seed.ts";
import { type Stack, startStack } from "./stack.ts";

export interface Api {
  readonly stack: Stack;
  readonly server: HttpServer;
  readonly queues: Queues;
  /** Below it lie destinations that are folders. */
  readonly out: string;
  stop(): Promise<void>;
}

interface ApiOptions {
  /** Judges keys; by default they are named `role@tenant`. */
  readonly authenticate?: (db: Database) => Authenticate;
  readonly modelsDir?: string;
}

/** The whole service on a database that also is its queue. */
export async function startApi({ authenticate, modelsDir }: ApiOptions = {}): Promise<Api> {
  const stack = await startStack();
  const queueUrl = await stack.server.createDatabase();
  const queues = openQueues(queueUrl, { logger: stack.logger });
  const metrics = createMetrics("test");
  const trail = new AuditTrail(stack.db);
  const out = await mkdtemp(join(tmpdir(), "axial-test-out-"));
  const results = createResults({
    ...stack,
    queues,
    metrics,
    audit: trail.record,
    modelsDir: modelsDir ?? TINY_MODELS,
    destinationNetworks: ["127.0.0.1"],
    destinationFolder: out,
  });
  const server = await createHttpServer({
    logger: stack.logger,
    metrics,
    probes: [],
    authenticate: authenticate?.(stack.db) ?? (async (token) => authentication(token)),
    audit: trail.record,
  });
  await server.register(results.app);
  results.start();
  return {
    stack,
    server,
    queues,
    out,
    stop: async () => {
      await server.close();
      await results.close();
      await queues.close();
      await trail.close();
      await stack.stop();
      await rm(out, { recursive: true, force: true });
    },
  };
}

function authentication(token: string): Authentication {
  const [role, tenant] = token.split("_key_at_");
  const principal = { keyId: token, role: role as Role, tenant: tenant as TenantId };
  return { status: "accepted", principal };
}

/** Headers of a key with that role. */
export function as(role: Role, tenant: TenantId = TENANT): { authorization: string } {
  return { authorization: `Bearer ${role}_key_at_${tenant}` };
}
