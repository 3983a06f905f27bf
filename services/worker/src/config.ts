import { hostname } from "node:os";
import { delimiter } from "node:path";
import { LANES, poolKeys, type Signer } from "@axial/contracts";
import type { Provider } from "@axial/inference";
import { ConfigError, loadConfig, TRACING_ENVIRONMENT } from "@axial/kit";
import { type Static, Type } from "typebox";
import { usableCpus } from "./cpu-quota.ts";
import { devicesOf, parseProviders, perModel } from "./engine-options.ts";
import { CREDENTIALS, type KubernetesAccess } from "./kubernetes/own-pod.ts";
import {
  checkEnginesCredential,
  inheritedByEngine,
  sharesCredential,
} from "./process-environment.ts";
import type { EngineSettings } from "./protocol.ts";
import { machineKey, readTuning, type Tuning } from "./tuning-file.ts";

/** 0 means "choose for this machine". */
const Automatic = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 1_024, default: 0, description });

const Seconds = (standard: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 86_400, default: standard, description });

const Megabytes = (standard: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65_536, default: standard, description });

export const WorkerEnvSchema = Type.Object({
  AXIAL_QUEUE_URL: Type.String({ description: "redis://… or postgres://…" }),
  AXIAL_BLOB_URL: Type.String({ description: "file:///… or s3://…" }),
  AXIAL_BLOB_READ_ACCESS_KEY_ID: Type.Optional(
    Type.String({ description: "read-only S3 credential, the only one that engines get" }),
  ),
  AXIAL_BLOB_READ_SECRET_ACCESS_KEY: Type.Optional(Type.String()),
  AXIAL_BLOB_READ_SESSION_TOKEN: Type.Optional(Type.String()),
  AXIAL_OUTCOME_KEYS: Type.String({
    default: "",
    description: "Secrets shared with results, parted by commas: the first signs outcomes",
  }),
  AXIAL_UNSIGNED_OUTCOMES: Type.Enum(["on", "off"], {
    default: "off",
    description: "Start without AXIAL_OUTCOME_KEYS, where results takes unsigned outcomes",
  }),
  AXIAL_WORKER_SHARED_CREDENTIAL: Type.Enum(["on", "off"], {
    default: "off",
    description: "Let engines have the worker's own S3 credential or identity, which can write",
  }),
  AXIAL_MODELS_DIR: Type.String({
    default: "./models",
    description: "Model folders, separated as in PATH",
  }),
  AXIAL_WORKER_PROVIDERS: Type.String({
    default: "cpu",
    description: "Execution providers in order: cuda, tensorrt, webgpu, cpu",
  }),
  AXIAL_WORKER_DEVICES: Type.String({
    default: "0",
    description: "Devices by index, separated by commas; each has engines of its own",
    pattern: "^[0-9]{1,3}( *, *[0-9]{1,3})*$",
  }),
  AXIAL_WORKER_ENGINES: Automatic("Engine processes per device"),
  AXIAL_WORKER_TENSORRT_CACHE: Type.Optional(
    Type.String({ description: "Folder in which TensorRT keeps the engines that it built" }),
  ),
  AXIAL_WORKER_MODEL_WEIGHTS: Type.String({
    default: "",
    description: "Shares of a device, as in `brain=2, knee=1`; models not named get 1",
  }),
  AXIAL_WORKER_BATCH_DELAYS: Type.String({
    default: "",
    description: "Milliseconds that a batch waits to fill up, as in `knee=5`; 0 by default",
  }),
  AXIAL_WORKER_TUNING: Type.Optional(
    Type.String({
      description: "File written by `axial tune`; variables set here take precedence",
    }),
  ),
  AXIAL_WORKER_MODELS_SECONDS: Seconds(5, "How often the models folders are looked at"),
  AXIAL_WORKER_NAME: Type.Optional(Type.String({ maxLength: 63, pattern: "^[A-Za-z0-9._-]+$" })),
  AXIAL_WORKER_POOL: Type.String({
    default: "default",
    pattern: "^[A-Za-z0-9._-]{1,31}$",
    description: "What its kind is called, for alarms when none of it is left",
  }),
  AXIAL_WORKER_LANES: Type.String({
    default: LANES.join(","),
    description: "Lanes to serve, separated by commas",
    pattern: `^ *(${LANES.join("|")})( *, *(${LANES.join("|")}))* *$`,
  }),
  AXIAL_WORKER_DELETION_COST: Type.Enum(["on", "off"], {
    default: "off",
    description: "Annotate the own pod, named by AXIAL_WORKER_NAME, with the work it holds",
  }),
  KUBERNETES_SERVICE_HOST: Type.String({ default: "kubernetes.default.svc" }),
  KUBERNETES_SERVICE_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 443 }),
  AXIAL_WORKER_HOST: Type.String({ default: "127.0.0.1" }),
  AXIAL_WORKER_PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
  AXIAL_WORKER_CAPACITY: Automatic("Jobs held at most in the routine and backfill lanes, each"),
  AXIAL_WORKER_STAT_SLOTS: Type.Integer({ minimum: 1, maximum: 1_024, default: 8 }),
  AXIAL_WORKER_THREADS: Automatic("Threads of one inference session"),
  AXIAL_WORKER_SESSIONS: Automatic("Sessions that run batches side by side"),
  AXIAL_WORKER_DECODE_THREADS: Automatic("Threads that decode images"),
  AXIAL_WORKER_BATCH_IMAGES: Automatic("Images of one batch"),
  AXIAL_WORKER_BATCH_MB: Megabytes(64, "Bytes of one batch's input"),
  AXIAL_WORKER_ARENA_MB: Megabytes(256, "Decoded pixels that wait, per model"),
  AXIAL_WORKER_START_SECONDS: Seconds(600, "Loading every model"),
  AXIAL_WORKER_SILENCE_SECONDS: Seconds(10, "Silence after which the engine counts as hung"),
  AXIAL_WORKER_BATCH_SECONDS: Seconds(60, "A batch that takes longer counts as hung"),
  AXIAL_WORKER_TASK_SECONDS: Seconds(600, "A task that takes longer counts as hung"),
  AXIAL_WORKER_DRAIN_SECONDS: Seconds(20, "Time to finish what runs on SIGTERM"),
  AXIAL_LOG_LEVEL: Type.String({ default: "info" }),
  ...TRACING_ENVIRONMENT,
});

export type Config = ReturnType<typeof readConfig>;

const MEGABYTE = 1 << 20;
/** On a CPU larger batches are no faster; small ones keep STAT's wait short. */
const CPU_BATCH_IMAGES = 8;
const DEVICE_BATCH_IMAGES = 64;
/** Jobs per image of a batch: single-image jobs must be able to fill the next batches. */
const CAPACITY_PER_BATCH_IMAGE = 4;

/** The worker's settings from the environment. Throws ConfigError with every problem. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  const env = loadConfig(WorkerEnvSchema, source);
  checkSigning(env);
  checkEnginesCredential(source, env.AXIAL_BLOB_URL);
  const engines = engineSettings(env);
  const images = engines.reduce((sum, { batchImages }) => sum + batchImages, 0);
  const capacity = env.AXIAL_WORKER_CAPACITY || CAPACITY_PER_BATCH_IMAGE * images;
  const name = env.AXIAL_WORKER_NAME ?? `${hostname().slice(0, 50)}-${process.pid}`;
  return Object.freeze({
    name,
    signer: signerOf(name, env.AXIAL_OUTCOME_KEYS),
    pool: env.AXIAL_WORKER_POOL,
    queueUrl: env.AXIAL_QUEUE_URL,
    blobUrl: env.AXIAL_BLOB_URL,
    enginesShareCredential: sharesCredential(source, env.AXIAL_BLOB_URL),
    host: env.AXIAL_WORKER_HOST,
    port: env.AXIAL_WORKER_PORT,
    lanes: LANES.filter((lane) => env.AXIAL_WORKER_LANES.includes(lane)),
    kubernetes: env.AXIAL_WORKER_DELETION_COST === "on" ? kubernetesAccess(env) : null,
    logLevel: env.AXIAL_LOG_LEVEL,
    tracing: env,
    drainMs: env.AXIAL_WORKER_DRAIN_SECONDS * 1_000,
    capacity: { stat: env.AXIAL_WORKER_STAT_SLOTS, routine: capacity, backfill: capacity },
    limits: {
      startMs: env.AXIAL_WORKER_START_SECONDS * 1_000,
      silenceMs: env.AXIAL_WORKER_SILENCE_SECONDS * 1_000,
      batchMs: env.AXIAL_WORKER_BATCH_SECONDS * 1_000,
      taskMs: env.AXIAL_WORKER_TASK_SECONDS * 1_000,
    },
    modelRoots: env.AXIAL_MODELS_DIR.split(delimiter).filter((root) => root !== ""),
    modelsEveryMs: env.AXIAL_WORKER_MODELS_SECONDS * 1_000,
    engines,
  });
}

function checkSigning(env: Static<typeof WorkerEnvSchema>): void {
  if (env.AXIAL_OUTCOME_KEYS !== "" || env.AXIAL_UNSIGNED_OUTCOMES === "on") return;
  throw new ConfigError([
    "AXIAL_OUTCOME_KEYS is missing, which results has too; AXIAL_UNSIGNED_OUTCOMES=on does without",
  ]);
}

/** Null where the pool has no key. Throws what `poolKeys` throws. */
function signerOf(worker: string, keys: string): Signer | null {
  const [key] = poolKeys(keys);
  return key === undefined ? null : { worker, key };
}

/**
 * The environment of the engine process: no address, key or credential for queue, database or
 * services, and for the blob store only a read credential. Blob reads of all its threads share
 * libuv's pool, whose default of 4 would queue them. TensorRT's cache is set here because the
 * runtime's binding forwards none of its options.
 */
export function engineEnvironment(
  { tensorrtCache, blobUrl }: Pick<EngineSettings, "tensorrtCache" | "blobUrl">,
  source: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  return {
    ...inheritedByEngine(source, blobUrl),
    UV_THREADPOOL_SIZE: "16",
    GLIBC_TUNABLES: withHugePages(source.GLIBC_TUNABLES),
    ...(tensorrtCache === null
      ? {}
      : {
          ORT_TENSORRT_ENGINE_CACHE_ENABLE: "1",
          ORT_TENSORRT_CACHE_PATH: tensorrtCache,
          ORT_TENSORRT_TIMING_CACHE_ENABLE: "1",
        }),
  };
}

const HUGE_PAGES = "glibc.malloc.hugetlb";

/**
 * The C library's settings, with huge pages for large allocations, which Linux grants only on
 * request: a network writes and reads megabytes between two layers, and with 4 KB pages spends a
 * tenth of its time on page faults. A value set by hand stays.
 */
function withHugePages(tunables = ""): string {
  if (tunables.includes(HUGE_PAGES)) return tunables;
  return [...tunables.split(":").filter(Boolean), `${HUGE_PAGES}=1`].join(":");
}

/** One entry per engine process: the devices' engines, each with its share of the CPUs. */
function engineSettings(env: Static<typeof WorkerEnvSchema>): EngineSettings[] {
  const providers = parseProviders(env.AXIAL_WORKER_PROVIDERS);
  const devices = devicesOf(env.AXIAL_WORKER_DEVICES, providers);
  const tuned = tuningOf(env, providers[0] ?? "cpu");
  const perDevice = env.AXIAL_WORKER_ENGINES || tuned.engines || 1;
  const cpus = Math.max(1, Math.floor(usableCpus() / (devices.length * perDevice)));
  const batchImages = providers[0] === "cpu" ? CPU_BATCH_IMAGES : DEVICE_BATCH_IMAGES;
  const settings = {
    blobUrl: env.AXIAL_BLOB_URL,
    providers,
    tensorrtCache: env.AXIAL_WORKER_TENSORRT_CACHE ?? null,
    sessionThreads: env.AXIAL_WORKER_THREADS || (tuned.sessionThreads ?? 0),
    sessions: env.AXIAL_WORKER_SESSIONS || (tuned.sessions ?? 0),
    cpus,
    decodeThreads: env.AXIAL_WORKER_DECODE_THREADS || cpus,
    batchImages: env.AXIAL_WORKER_BATCH_IMAGES || batchImages,
    batchBytes: env.AXIAL_WORKER_BATCH_MB * MEGABYTE,
    arenaBytes: env.AXIAL_WORKER_ARENA_MB * MEGABYTE,
    models: perModel({
      weight: ["AXIAL_WORKER_MODEL_WEIGHTS", env.AXIAL_WORKER_MODEL_WEIGHTS],
      delayMs: ["AXIAL_WORKER_BATCH_DELAYS", env.AXIAL_WORKER_BATCH_DELAYS],
      batchImages: env.AXIAL_WORKER_BATCH_IMAGES === 0 ? tuned.batchImages : {},
    }),
  };
  return devices.flatMap((device) =>
    Array.from({ length: perDevice }, () => ({ ...settings, device })),
  );
}

function kubernetesAccess(env: Static<typeof WorkerEnvSchema>): KubernetesAccess {
  if (env.AXIAL_WORKER_NAME === undefined) {
    throw new ConfigError([
      "AXIAL_WORKER_NAME names the pod when AXIAL_WORKER_DELETION_COST is on",
    ]);
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  return { host, port, credentials: CREDENTIALS, pod: env.AXIAL_WORKER_NAME };
}

/** The measurements for this machine, if any. */
function tuningOf(
  env: Static<typeof WorkerEnvSchema>,
  provider: Provider,
): Partial<Tuning> & Pick<Tuning, "batchImages"> {
  const path = env.AXIAL_WORKER_TUNING;
  const tuned = path === undefined ? null : readTuning(path, machineKey(provider));
  return tuned ?? { batchImages: {} };
}
