import type { Role, TenantId } from "@axial/contracts";
import {
  createHttpServer,
  createMetrics,
  type HttpServer,
  openQueues,
  type Principal,
  type Queues,
} from "@axial/kit";
import { TINY_MODELS } from "@axial/testkit";
import { createResults } from "../../src/service.ts";
import { TENANT } from "./seed.ts";
import { type Stack, startStack } from "./stack.ts";

export interface Api {
  readonly stack: Stack;
  readonly server: HttpServer;
  readonly queues: Queues;
  stop(): Promise<void>;
}

/** The whole service on a database that also is its queue, with keys named `role@tenant`. */
export async function startApi(): Promise<Api> {
  const stack = await startStack();
  const queueUrl = await stack.server.createDatabase();
  const queues = openQueues(queueUrl, { logger: stack.logger });
  const metrics = createMetrics("test");
  const results = createResults({
    ...stack,
    queues,
    metrics,
    modelsDir: TINY_MODELS,
    webhookNetworks: ["127.0.0.1"],
  });
  const server = await createHttpServer({
    logger: stack.logger,
    metrics,
    probes: [],
    authenticate: async (token) => principal(token),
  });
  await server.register(results.app);
  results.start();
  return {
    stack,
    server,
    queues,
    stop: async () => {
      await server.close();
      await results.close();
      await queues.close();
      await stack.stop();
    },
  };
}

function principal(token: string): Principal {
  const [role, tenant] = token.split("_key_at_");
  return { keyId: token, role: role as Role, tenant: tenant as TenantId };
}

/** Headers of a key with that role. */
export function as(role: Role, tenant: TenantId = TENANT): { authorization: string } {
  return { authorization: `Bearer ${role}_key_at_${tenant}` };
}
