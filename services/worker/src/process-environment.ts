import { ConfigError } from "@axial/kit";

/**
 * The environment of worker processes, by an allow-list: anything inherited by accident (an admin
 * key, a database's address, another service's secrets) is something that hostile input could
 * steal. A name that ends with `*` stands for every name with that prefix.
 */

/** What any process needs to run on this machine; none of it is secret. */
const RUNTIME = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TZ",
  "LANG",
  "LC_*",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "LD_LIBRARY_PATH",
  "LD_PRELOAD",
  "GLIBC_TUNABLES",
  "MALLOC_*",
  "OMP_*",
  "ORT_*",
  "CUDA_*",
  "NVIDIA_*",
  "VK_*",
  "XDG_RUNTIME_DIR",
];
/** Where an S3 server is, without a credential. */
const S3_PLACE = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"];
const S3_CREDENTIALS = ["AWS_*"];
const SUPERVISOR = [
  ...RUNTIME,
  ...S3_CREDENTIALS,
  "AXIAL_WORKER_*",
  "AXIAL_BLOB_READ_*",
  "OTEL_*",
  "KUBERNETES_SERVICE_*",
  "AXIAL_UNSIGNED_OUTCOMES",
];

/** The engine's own credential → the name under which the S3 library looks for it. */
const READ_CREDENTIAL = {
  AXIAL_BLOB_READ_ACCESS_KEY_ID: "AWS_ACCESS_KEY_ID",
  AXIAL_BLOB_READ_SECRET_ACCESS_KEY: "AWS_SECRET_ACCESS_KEY",
  AXIAL_BLOB_READ_SESSION_TOKEN: "AWS_SESSION_TOKEN",
};

const NO_READ_CREDENTIAL =
  "AXIAL_BLOB_READ_ACCESS_KEY_ID and AXIAL_BLOB_READ_SECRET_ACCESS_KEY are missing, the S3 credential of engines, which only reads; AXIAL_WORKER_SHARED_CREDENTIAL=on lets them have the worker's own";

/** What a supervisor takes from `source`; its starter adds the addresses of queue and blobs. */
export function supervisorEnvironment(source: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return allowed(source, SUPERVISOR);
}

/**
 * What an engine inherits from its supervisor: for blobs in S3 the read-only credential
 * (`AXIAL_BLOB_READ_*`), or else, where that is allowed, the worker's own; for files nothing.
 */
export function inheritedByEngine(source: NodeJS.ProcessEnv, blobUrl: string): NodeJS.ProcessEnv {
  if (!isS3(blobUrl)) return allowed(source, RUNTIME);
  if (!hasReadCredential(source)) return allowed(source, [...RUNTIME, ...S3_CREDENTIALS]);
  const credential = Object.entries(READ_CREDENTIAL).flatMap(([from, to]) =>
    source[from] === undefined ? [] : [[to, source[from]] as const],
  );
  return { ...allowed(source, [...RUNTIME, ...S3_PLACE]), ...Object.fromEntries(credential) };
}

/**
 * Throws ConfigError where engines would get the worker's own S3 credential and
 * AXIAL_WORKER_SHARED_CREDENTIAL does not allow it.
 */
export function checkEnginesCredential(source: NodeJS.ProcessEnv, blobUrl: string): void {
  const allowed = source.AXIAL_WORKER_SHARED_CREDENTIAL === "on";
  if (!allowed && sharesCredential(source, blobUrl)) throw new ConfigError([NO_READ_CREDENTIAL]);
}

/** True when the engine would get the worker's own S3 credential, which can also write. */
export function sharesCredential(source: NodeJS.ProcessEnv, blobUrl: string): boolean {
  return isS3(blobUrl) && !hasReadCredential(source);
}

function isS3(blobUrl: string): boolean {
  return blobUrl.startsWith("s3:");
}

function hasReadCredential(source: NodeJS.ProcessEnv): boolean {
  return Boolean(source.AXIAL_BLOB_READ_ACCESS_KEY_ID && source.AXIAL_BLOB_READ_SECRET_ACCESS_KEY);
}

function allowed(source: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  const isAllowed = (name: string) =>
    names.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));
  return Object.fromEntries(Object.entries(source).filter(([name]) => isAllowed(name)));
}
