import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createArchive } from "@axial/archive";
import { openBlobStore } from "@axial/blobs";
import { consoleApp } from "@axial/console";
import { createGateway } from "@axial/gateway";
import {
  createHttpServer,
  createLogger,
  createMetrics,
  DICOMWEB_RESOURCES,
  openQueues,
} from "@axial/kit";
import { ownOpenApi, wholeOpenApi } from "@axial/kit/open-api";
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
/** The document of the gateway alone; what callers need is at /openapi.json. */
const OWN_DOCUMENT = "/openapi/gateway.json";
const WHOLE = new URL("../../services/gateway/open-api.json", import.meta.url);

/** A method and a path, and the services that answer them. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly services: Set<string>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

const operationsOf = ({ paths }: OpenApi): string[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );

/** A path of Fastify's as OpenAPI writes it: `/studies/{study}`. */
const asInOpenApi = (path: string) => path.replaceAll(/:(\w+)/g, "{$1}").replace(/\*$/, "{*}");

/** The routes of every service, as the services themselves register them. */
async function registered(): Promise<{
  readonly routes: Route[];
  /** What each service says of itself. */
  readonly documents: ReadonlyMap<string, OpenApi>;
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
    audit: async () => {},
    modelsDir: TINY_MODELS,
  };
  // As in Kubernetes: what the gateway forwards is a route of its own.
  const gateway = createGateway({ ...shared, archiveUrl: "http://axial-archive" });
  const archive = createArchive(shared);
  const results = createResults(shared);
  const routes = new Map<string, Route>();
  const documents = new Map<string, OpenApi>();
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
    const name = service.replace("axial-", "");
    if (name === "gateway") await wholeOpenApi(server, { service: name, whole: WHOLE });
    else if (name !== "console") await ownOpenApi(server, name);
    await server.register(app);
    await server.ready();
    if (name !== "console") {
      const own = await server.inject(name === "gateway" ? OWN_DOCUMENT : "/openapi.json");
      documents.set(name, own.json());
    }
    await server.close();
  }
  const close = async () => {
    await Promise.all([gateway.close(), archive.close(), results.close()]);
    await shared.queues.close();
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { routes: [...routes.values()], documents, close };
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
      .filter(({ path }) => path !== OWN_DOCUMENT)
      .map((route) => ({ ...route, path: example(route.path) }))
      .map((route) => ({ ...route, leadsTo: leadsTo(doors[door], route) }))
      .filter((route) => !route.services.has(route.leadsTo ?? ""));
    expect(new Set(services.routes.flatMap((route) => [...route.services])).size).toBe(4);
    expect(astray).toEqual([]);
  });

  it("every service describes its own routes, and the public document all of them", async () => {
    expect([...services.documents.keys()]).toEqual(["gateway", "archive", "results"]);
    const whole = new Set(operationsOf(JSON.parse(await readFile(WHOLE, "utf8"))));
    for (const [service, document] of services.documents) {
      const own = new Set(operationsOf(document));
      const registered = services.routes
        .filter((route) => route.services.has(`axial-${service}`))
        .map(({ method, path }) => `${method} ${asInOpenApi(path)}`);
      expect(own.size).toBeGreaterThan(5);
      expect(
        [...own].filter((each) => !registered.includes(each)),
        service,
      ).toEqual([]);
      expect(
        [...own].filter((each) => !whole.has(each)),
        service,
      ).toEqual([]);
    }
    const all = new Set([...services.documents.values()].flatMap(operationsOf));
    // The console serves files, and of two routes beside them no document.
    const described = [...whole].filter((each) => !each.startsWith("GET /console"));
    expect(described.filter((each) => !all.has(each))).toEqual([]);
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
