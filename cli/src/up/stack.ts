import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createArchive } from "@axial/archive";
import { consoleApp, type SignInSettings } from "@axial/console";
import { HOME_TENANT, OWN_AE_TITLE, poolKeys } from "@axial/contracts";
import { createGateway, type GatewayOptions } from "@axial/gateway";
import {
  type Logger,
  NO_TRACING,
  openTracing,
  type Shutdown,
  type TlsFiles,
  type TracingSettings,
} from "@axial/kit";
import { openApi } from "@axial/kit/open-api";
import { startLocalPostgres } from "@axial/local-postgres";
import { createResults } from "@axial/results";
import { type Hosted, type OidcSettings, prepareDatabase, ServiceHost } from "@axial/service";
import { openDatabase } from "@axial/store/database";
import { prepareRoles, type RoleUrls } from "@axial/store/roles";
import { checkEnginesCredential, supervisorEnvironment } from "@axial/worker/environment";
import { DEFAULT_DIMSE_PORT, TUNING_FILE } from "../defaults.ts";
import { adminKey } from "./admin-key.ts";
import { outcomeKey } from "./outcome-key.ts";
import { makePrivate } from "./private-folder.ts";
import { keepWorkers } from "./worker-processes.ts";

export interface StackOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  /** Port for C-STORE; undefined: DICOM's own where it is free. */
  readonly dimsePort?: number;
  /** Port for orders over MLLP; undefined: none are taken. */
  readonly hl7Port?: number;
  readonly models: string;
  readonly logLevel: string;
  /** Networks inside the house where destinations and sources may be. */
  readonly destinationNetworks: readonly string[];
  /** Below it lie destinations that are folders; `out` in the data folder without it. */
  readonly destinationFolder?: string;
  readonly publicUrl?: string;
  readonly trustedProxies?: readonly string[];
  /** Who may read `/metrics`; callers on this machine, and keys of the home tenant, by default. */
  readonly metricsAccess?: "open" | "key";
  /** The three addresses of a cluster; each one missing is provided by this machine. */
  readonly databaseUrl?: string;
  readonly queueUrl?: string;
  readonly blobUrl?: string;
  readonly adminKey?: string;
  /** Size of the database at which nothing more is accepted; from its volume where left out. */
  readonly maxDatabaseBytes?: number;
  /** Left free on the volumes of blobs and database. */
  readonly reservedDiskBytes?: number;
  /** Files with which everything is served by TLS; HTTP when left out. */
  readonly tls?: TlsFiles | null;
  /** Where spans go; nowhere when left out. Workers read the same from their environment. */
  readonly tracing?: TracingSettings;
  /** The identity provider whose tokens are taken; none when left out. */
  readonly oidc?: OidcSettings | null;
  /** How people sign in at it in the console. */
  readonly signIn?: SignInSettings | null;
  /** Secrets that workers sign with; one of its own in the data folder when left out. */
  readonly outcomeKeys?: string;
}

export interface Stack {
  readonly url: string;
  readonly key: string;
  /** The key was made just now: the one time that it is shown. */
  readonly keyIsNew: boolean;
}

/**
 * The whole of Axial on one machine: PostgreSQL (its own, unless an address is given) as database
 * and queue, gateway, archive, results and console on one port of this process, and worker processes.
 * What is opened first closes last, PostgreSQL last of all.
 */
export async function startStack(
  options: StackOptions,
  logger: Logger,
  shutdown: Shutdown,
): Promise<Stack> {
  const data = resolve(options.data);
  const blobUrl = options.blobUrl ?? pathToFileURL(join(data, "blobs")).href;
  checkEnginesCredential(process.env, blobUrl);
  await makePrivate(data);
  const given = options.databaseUrl;
  const roles =
    given === undefined
      ? await ownPostgres(data, logger, shutdown)
      : { serving: given, queue: given };
  const databaseUrl = roles.serving;
  const queueUrl = options.queueUrl ?? roles.queue;
  const marks = {
    databaseFolder: "folder" in roles ? roles.folder : undefined,
    maxDatabaseBytes: options.maxDatabaseBytes,
    ...(options.reservedDiskBytes !== undefined && {
      reservedDiskBytes: options.reservedDiskBytes,
    }),
  };

  const { oidc = null, signIn = null, tls = null } = options;
  const tracing =
    options.tracing === undefined
      ? NO_TRACING
      : await openTracing(options.tracing, { service: "axial", logger });
  const host = new ServiceHost({
    ...{ name: "axial", databaseUrl, blobUrl, logger, shutdown, oidc, tls, tracing },
  });
  const { key, generated } = await adminKey(data, options.adminKey);
  const work = {
    ...host.connections,
    queues: host.openQueue(queueUrl, { needed: true }),
    modelsDir: options.models,
  };
  const outcomeKeys = options.outcomeKeys ?? (await outcomeKey(data));
  const workers = keepWorkers(
    options.workers,
    workerEnvironment(options, { queueUrl, blobUrl, outcomeKeys }),
    logger,
  );
  const url = await host.serve({
    services: [
      createResults({
        ...work,
        outcomeKeys: poolKeys(outcomeKeys),
        destinationNetworks: options.destinationNetworks,
        destinationFolder: options.destinationFolder ?? join(data, "out"),
        publicUrl: options.publicUrl,
      }),
      workers,
      createGateway({
        ...{ ...work, dimse: dimseDoor(options), marks },
        networks: options.destinationNetworks,
        orders: orderDoor(options),
      }),
      createArchive(work),
      { name: "console", app: consoleApp(signIn) },
      { name: "root", app: rootRedirect },
    ],
    extend: openApi,
    adminKey: key,
    host: options.host,
    port: options.port,
    publicUrl: options.publicUrl,
    trustedProxies: options.trustedProxies,
    metricsAccess: options.metricsAccess ?? "key",
  });
  return { url, key, keyIsNew: generated };
}

/** The address that `ready` names is opened by an operator. */
const rootRedirect: NonNullable<Hosted["app"]> = async (server) => {
  const route = { config: { public: true }, schema: { hide: true } };
  server.get("/", route, async (_request, reply) => reply.redirect("/console/"));
};

interface WorkerConnections {
  readonly queueUrl: string;
  readonly blobUrl: string;
  readonly outcomeKeys: string;
}

function workerEnvironment(
  { data, models, logLevel }: StackOptions,
  { queueUrl, blobUrl, outcomeKeys }: WorkerConnections,
): NodeJS.ProcessEnv {
  return {
    ...supervisorEnvironment(process.env),
    AXIAL_OUTCOME_KEYS: outcomeKeys,
    AXIAL_QUEUE_URL: queueUrl,
    AXIAL_BLOB_URL: blobUrl,
    AXIAL_MODELS_DIR: models,
    AXIAL_WORKER_TUNING: process.env.AXIAL_WORKER_TUNING ?? join(resolve(data), TUNING_FILE),
    AXIAL_LOG_LEVEL: logLevel,
  };
}

/**
 * Where C-STORE is taken: the port that was asked for, or DICOM's own where it is free. A second
 * installation on a machine is no reason to fail.
 */
function dimseDoor({ host, dimsePort }: StackOptions): GatewayOptions["dimse"] {
  return {
    host,
    port: dimsePort ?? DEFAULT_DIMSE_PORT,
    optional: dimsePort === undefined,
    defaultTitle: OWN_AE_TITLE,
  };
}

function orderDoor({ host, hl7Port }: StackOptions): GatewayOptions["orders"] {
  return hl7Port === undefined ? undefined : { host, port: hl7Port, tenant: HOME_TENANT };
}

/**
 * PostgreSQL in the data folder. Its superuser brings the schema up to date and leaves: what serves
 * afterwards has a role that can change rows and nothing else.
 */
async function ownPostgres(
  data: string,
  logger: Logger,
  shutdown: Shutdown,
): Promise<RoleUrls & { readonly folder: string }> {
  const server = await startLocalPostgres({ folder: join(data, "postgres"), durable: true });
  shutdown.onClose("postgres", () => server.stop());
  const ownerUrl = await server.database("axial");
  const owner = openDatabase(ownerUrl, { poolSize: 1 });
  try {
    await prepareDatabase(owner, { logger, signal: shutdown.signal });
    return { ...(await prepareRoles(owner, ownerUrl)), folder: server.folder };
  } finally {
    await owner.destroy();
  }
}
