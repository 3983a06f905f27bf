import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openBlobStore } from "@axial/blobs";
import { newApiKey } from "@axial/contracts";
import {
  createHttpServer,
  createLogger,
  createMetrics,
  LoginBackoff,
  openQueues,
} from "@axial/kit";
import { openApi } from "@axial/kit/open-api";
import { AuditTrail, SharedRequestQuota, TenantLimitCache } from "@axial/service";
import { isTransientDatabaseError, openDatabase } from "@axial/store/database";
import { createAuthenticator, ensureAdminKey } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { addLoginFailure } from "@axial/store/quotas";
import { startPostgres, TINY_MODELS } from "@axial/testkit";
import { createGateway, type GatewayOptions } from "../src/index.ts";

export type TestGateway = Awaited<ReturnType<typeof startGateway>>;

interface TestGatewayOptions {
  /** Another queue than the gateway's own Postgres. */
  readonly queueUrl?: string;
  readonly modelsDir?: string;
  readonly marks?: GatewayOptions["marks"];
  /** Where the blobs lie; a folder of its own when left out. */
  readonly blobFolder?: string;
  readonly dimse?: GatewayOptions["dimse"];
  readonly metrics?: GatewayOptions["metrics"];
  readonly orders?: GatewayOptions["orders"];
}

/** A gateway with a Postgres, a queue and a blob folder of its own, listening on a free port. */
export async function startGateway(options: TestGatewayOptions = {}) {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const folder = await mkdtemp(join(tmpdir(), "axial-gateway-"));
  const lines: string[] = [];
  const logger = createLogger({
    service: "gateway",
    destination: { write: (line: string) => lines.push(line) },
  });
  const metrics = options.metrics ?? createMetrics("gateway");
  const db = openDatabase(databaseUrl, { onIdleError: () => {} });
  await migrate(db);
  const blobUrl = pathToFileURL(options.blobFolder ?? folder).href;
  const blobs = openBlobStore(blobUrl);
  const queues = openQueues(options.queueUrl ?? databaseUrl, { logger });
  const trail = new AuditTrail(db);
  const wiring: GatewayOptions = {
    db,
    audit: trail.record,
    databaseUrl,
    blobs,
    queues,
    logger,
    metrics,
    blobUrl,
    modelsDir: options.modelsDir ?? TINY_MODELS,
    dimse: options.dimse,
    orders: options.orders,
    networks: ["127.0.0.1"],
    marks: { reservedDiskBytes: 1e6, ...options.marks },
  };
  const gateway = createGateway(wiring);
  const key = newApiKey();
  await ensureAdminKey(db, key);
  const authenticate = createAuthenticator(db);
  const limits = new TenantLimitCache(db);
  const quota = new SharedRequestQuota({ db, limits, logger });
  const server = await createHttpServer({
    logger,
    metrics,
    probes: [],
    authenticate,
    hasTenant: async (tenant) => (await limits.of(tenant)).exists,
    backoff: new LoginBackoff((address) => addLoginFailure(db, address)),
    quota,
    audit: trail.record,
    isOutage: isTransientDatabaseError,
  });
  await openApi(server);
  await server.register(gateway.app);
  await gateway.start();
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    /** What it was made of, and the service, for another one beside it. */
    wiring,
    gateway,
    dimsePort: gateway.dimsePort ?? 0,
    key,
    db,
    audit: trail,
    databaseUrl,
    postgres,
    folder,
    blobs,
    queues,
    lines,
    close: async () => {
      await server.close();
      await gateway.close();
      await queues.close();
      await quota.close();
      await trail.close();
      await db.destroy();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
