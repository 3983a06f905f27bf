import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createArchive } from "@axial/archive";
import { openBlobStore } from "@axial/blobs";
import { consoleApp } from "@axial/console";
import { createGateway, openApi } from "@axial/gateway";
import {
  createHttpServer,
  createLogger,
  createMetrics,
  DICOMWEB_RESOURCES,
  openQueues,
} from "@axial/kit";
import { createResults } from "@axial/results";
import { openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { startPostgres, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { edgeRoutes } from "../src/edge-routes.ts";
import { CHART } from "../src/generated-files.ts";
import { findHelm, renderChart } from "../src/helm/render.ts";
import { type DoorRoute, httpRoutes, ingressRoutes, leadsTo } from "../src/ingress-routes.ts";

const INGRESS = fileURLToPath(new URL("../k8s/base/ingress.yaml", import.meta.url));
const EDGE = fileURLToPath(new URL("../../docker/config/haproxy.cfg", import.meta.url));
/** For probes and Prometheus, which come from the inside. */
const INSIDE = ["/livez", "/readyz", "/metrics"];

/** A method and a path, and the services that answer them. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly services: Set<string>;
}

/** The routes of every service, as the services themselves register them. */
async function registered(): Promise<{ readonly routes: Route[]; close(): Promise<void> }> {
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
    audit: async () => {},
    modelsDir: TINY_MODELS,
  };
  // As in Kubernetes: what the gateway forwards is a route of its own.
  const gateway = createGateway({ ...shared, archiveUrl: "http://axial-archive" });
  const archive = createArchive(shared);
  const results = createResults(shared);
  const routes = new Map<string, Route>();
  const apps = {
    "axial-gateway": gateway.app,
    "axial-archive": archive.app,
    "axial-results": results.app,
    "axial-console": consoleApp(),
  };
  for (const [service, app] of Object.entries(apps)) {
    const server = await createHttpServer({ logger, metrics: createMetrics("test"), probes: [] });
    server.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) {
        const route = routes.get(`${each} ${url}`);
        if (route !== undefined) route.services.add(service);
        else
          routes.set(`${each} ${url}`, { method: each, path: url, services: new Set([service]) });
      }
    });
    if (service === "axial-gateway") await openApi(server);
    await server.register(app);
    await server.ready();
    await server.close();
  }
  const close = async () => {
    await Promise.all([gateway.close(), archive.close(), results.close()]);
    await shared.queues.close();
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { routes: [...routes.values()], close };
}

function example(path: string): string {
  return path.replace(":lane", "stat").replaceAll(/:[a-z]+/gi, "1.2.3");
}

const helm = await findHelm();
if (helm === null) console.log("skipped: the Gateway API's routes, helm is not installed");
const DOORS =
  helm === null ? (["ingress", "edge"] as const) : (["ingress", "edge", "gateway"] as const);

describe("the ingress, the Gateway API's route and compose's edge", () => {
  let services: Awaited<ReturnType<typeof registered>>;
  let doors: Readonly<Record<(typeof DOORS)[number], DoorRoute[]>>;

  beforeAll(async () => {
    services = await registered();
    doors = {
      ingress: ingressRoutes([parse(await readFile(INGRESS, "utf8"))]),
      edge: edgeRoutes(await readFile(EDGE, "utf8")),
      gateway:
        helm === null
          ? []
          : httpRoutes(await renderChart(helm, CHART, { set: ["gatewayApi.enabled=true"] })),
    };
  });
  afterAll(() => services?.close());

  it.each(DOORS)("%s leads every route to the service that has it", (door) => {
    const astray = services.routes
      .map((route) => ({ ...route, path: example(route.path) }))
      .map((route) => ({ ...route, leadsTo: leadsTo(doors[door], route) }))
      .filter((route) => !route.services.has(route.leadsTo ?? ""));
    expect(new Set(services.routes.flatMap((route) => [...route.services])).size).toBe(4);
    expect(astray).toEqual([]);
  });

  it("leads what is searched and retrieved to the archive, past the gateway where it can", () => {
    const study = "/dicom-web/studies/1.2.3";
    const read = [
      study,
      `${study}/metadata`,
      "/lanes/stat/dicom-web/series",
      "/dicom-web/studies/",
    ];
    const led = (door: "ingress" | "edge", method: string) =>
      read.map((path) => leadsTo(doors[door], { method, path })?.replace("axial-", ""));
    expect(led("edge", "GET")).toEqual(["archive", "archive", "archive", "archive"]);
    expect(led("edge", "POST")).toEqual(["gateway", "gateway", "gateway", "gateway"]);
    expect(led("ingress", "GET")).toEqual(["gateway", "archive", "archive", "gateway"]);
    const removed = [`${study}/series/1.2`, `${study}/series/1.2/instances/1.2`];
    for (const path of [...removed, ...removed.map((each) => `${each}/`)]) {
      expect(leadsTo(doors.ingress, { method: "DELETE", path })).toBe("axial-gateway");
      expect(leadsTo(doors.edge, { method: "DELETE", path })).toBe("axial-gateway");
      const frames = { method: "GET", path: `${path.replace(/\/$/, "")}/thumbnail` };
      expect(leadsTo(doors.ingress, frames)).toBe("axial-archive");
    }
  });

  it("OPTIONS describes the DICOMweb routes that there are, and no others", () => {
    const below = (path: string) => path.replace(/^\/dicom-web\//, "");
    const described = DICOMWEB_RESOURCES.flatMap(({ path, methods }) =>
      methods.map(({ name }) => `${name} ${path}`),
    );
    const registered = services.routes
      .filter(({ path, method }) => path.startsWith("/dicom-web/") && method !== "HEAD")
      .map(({ method, path }) => `${method} ${below(path).replaceAll(/:(\w+)/g, "{$1}")}`)
      .map((each) => each.replace("bulkdata/*", "bulkdata/{path}"));
    const served = registered.filter((each) => !each.startsWith("OPTIONS"));
    expect(described.toSorted()).toEqual(served.toSorted());
  });

  it("the ingress does not expose probes and metrics", () => {
    const from = (path: string) => leadsTo(doors.ingress, { method: "GET", path });
    expect(INSIDE.map(from)).toEqual([null, null, null]);
  });
});
