import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openBlobStore } from "@axial/blobs";
import { consoleApp } from "@axial/console";
import { openApi, startGateway } from "@axial/gateway";
import { createHttpServer, createLogger, createMetrics, openQueues } from "@axial/kit";
import { startResults } from "@axial/results";
import { openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { startPostgres, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { edgeRoutes } from "../src/edge-routes.ts";
import { type IngressRoute, ingressRoutes, leadsTo } from "../src/ingress-routes.ts";

const INGRESS = fileURLToPath(new URL("../k8s/base/ingress.yaml", import.meta.url));
const EDGE = fileURLToPath(new URL("../../docker/config/haproxy.cfg", import.meta.url));
/** For probes and Prometheus, which come from the inside. */
const INSIDE = ["/livez", "/readyz", "/metrics"];

/** The routes of each service, as the service itself registers them. */
async function registered(): Promise<{
  readonly routes: Map<string, Set<string>>;
  close(): Promise<void>;
}> {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const folder = await mkdtemp(join(tmpdir(), "axial-ingress-"));
  const logger = createLogger({ service: "test", destination: new PassThrough() });
  const db = openDatabase(databaseUrl, { onIdleError: () => {} });
  await migrate(db);
  const blobUrl = pathToFileURL(folder).href;
  const shared = {
    db,
    databaseUrl,
    logger,
    blobUrl,
    blobs: openBlobStore(blobUrl),
    queues: openQueues(databaseUrl, { logger }),
    metrics: createMetrics("test"),
    modelsDir: TINY_MODELS,
  };
  const gateway = startGateway(shared);
  const results = startResults(shared);
  const routes = new Map<string, Set<string>>();
  const apps = {
    "axial-gateway": gateway.app,
    "axial-results": results.app,
    "axial-console": consoleApp,
  };
  for (const [service, app] of Object.entries(apps)) {
    const server = await createHttpServer({ logger, metrics: createMetrics("test"), probes: [] });
    const paths = new Set<string>();
    server.addHook("onRoute", ({ url }) => void paths.add(url));
    if (service === "axial-gateway") await server.register(openApi);
    await server.register(app);
    await server.ready();
    await server.close();
    routes.set(service, paths);
  }
  const close = async () => {
    await Promise.all([gateway.close(), results.close()]);
    await shared.queues.close();
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { routes, close };
}

describe("the ingress and compose's edge", () => {
  let services: Awaited<ReturnType<typeof registered>>;
  let doors: Readonly<Record<"ingress" | "edge", IngressRoute[]>>;

  beforeAll(async () => {
    services = await registered();
    doors = {
      ingress: ingressRoutes([parse(await readFile(INGRESS, "utf8"))]),
      edge: edgeRoutes(await readFile(EDGE, "utf8")),
    };
  });
  afterAll(() => services?.close());

  it.each(["ingress", "edge"] as const)(
    "%s leads every route to the service that has it",
    (door) => {
      const astray = [...services.routes].flatMap(([service, paths]) =>
        [...paths]
          .map((path) => path.replaceAll(/:[a-z]+/gi, "1.2.3"))
          .map((path) => ({ path, leadsTo: leadsTo(doors[door], path) }))
          .filter((route) => route.leadsTo !== service)
          .map((route) => ({ ...route, is: service })),
      );
      expect([...services.routes.values()].every((paths) => paths.size > 0)).toBe(true);
      expect(astray).toEqual([]);
    },
  );

  it("the ingress leads nobody from the outside to probes and metrics", () => {
    expect(INSIDE.map((path) => leadsTo(doors.ingress, path))).toEqual([null, null, null]);
  });
});
