/**
 * The architecture as data. Everything here is about the product's own files; tests import what
 * they like.
 */

/**
 * Every workspace, and what it may import of ours: services meet only in the libraries, and
 * knowledge grows downwards. A folder that is not here may not exist.
 */
export const WORKSPACES: Readonly<Record<string, readonly string[]>> = {
  "libs/contracts": [],
  "libs/client": ["contracts"],
  "libs/dicom": ["contracts"],
  "libs/deidentification": ["contracts", "dicom"],
  "libs/imaging": ["contracts", "dicom"],
  "libs/inference": ["contracts"],
  "libs/postgres": ["contracts"],
  "libs/local-postgres": ["contracts"],
  "libs/blobs": ["contracts"],
  "libs/store": ["contracts", "blobs", "postgres"],
  "libs/kit": ["contracts", "postgres"],
  "libs/dimse": ["contracts", "dicom"],
  "libs/hl7": ["contracts"],
  "libs/service": ["contracts", "blobs", "kit", "store"],
  "libs/testkit": ["contracts", "dicom", "local-postgres"],
  "services/gateway": [
    ...["contracts", "deidentification", "dicom", "dimse", "hl7", "imaging", "inference"],
    ...["blobs", "kit", "postgres", "service", "store"],
  ],
  "services/archive": ["contracts", "dicom", "imaging", "blobs", "kit", "service", "store"],
  // No database: a GPU node holds no credentials for one.
  "services/worker": ["contracts", "dicom", "imaging", "inference", "blobs", "kit"],
  "services/results": [
    ...["contracts", "dicom", "dimse", "hl7", "imaging", "inference"],
    ...["blobs", "kit", "postgres", "service", "store"],
  ],
  "services/console": ["client", "kit"],
  tools: ["contracts", "dicom", "imaging", "inference", "worker"],
  cli: [
    ...[
      "client",
      "contracts",
      "deidentification",
      "dicom",
      "inference",
      "blobs",
      "kit",
      "local-postgres",
      "service",
      "store",
    ],
    ...["gateway", "archive", "worker", "results", "console", "testkit", "tools"],
  ],
  bench: [
    ...["contracts", "dicom", "imaging", "inference", "blobs", "kit", "local-postgres"],
    ...["postgres", "service", "store", "gateway", "worker", "results", "testkit", "tools"],
  ],
  e2e: [
    ...["contracts", "dicom", "dimse", "blobs", "client", "kit", "local-postgres", "service"],
    ...["store", "gateway", "archive", "worker", "results", "testkit"],
  ],
  deploy: ["kit", "gateway", "archive", "worker", "results", "console"],
};

/** Folders at the top of the repository that hold no TypeScript workspace. */
export const OTHER_FOLDERS: readonly string[] = [
  "docker",
  "docs",
  "libs",
  "models",
  "scripts",
  "services",
  "training",
];

/** A use of a package or a global that only some files may make. */
interface UseRule {
  readonly what: RegExp;
  /** The only places. */
  readonly allowed: RegExp;
  readonly why: string;
}

export const USE_RULES: readonly UseRule[] = [
  {
    what: /from "@axial\/testkit"/,
    allowed: /^(libs\/testkit|bench|e2e|cli\/src\/demo)\/|^cli\/src\/commands\/tune\.ts$/,
    why: "testkit is for tests, benches, the demo and what tuning measures with",
  },
  {
    what: /from "(bullmq|ioredis)"/,
    allowed: /^libs\/kit\/src\/queue\//,
    why: "only kit knows BullMQ and Redis",
  },
  {
    what: /^import \{[^}]*\} from "@axial\/blobs"/m,
    allowed: /^(?!libs\/store\/src\/)/,
    why: "the store is handed a blob store, and opens none (docs/adr/0052)",
  },
  {
    what: /\bprocess\.env\b/,
    allowed:
      /^(services\/[^/]+\/src\/config\.ts|cli\/|bench\/|e2e\/|libs\/testkit\/|libs\/blobs\/src\/thread-pool\.ts$|libs\/inference\/src\/session\/no-telemetry\.ts$)/,
    why: "only a service's config.ts reads the environment",
  },
  {
    what: /\breadInstance\(|\binflate(Raw)?Sync\(|\bgunzipSync\(/,
    allowed:
      /^(libs|cli|bench|e2e|tools|deploy)\/|-thread\.ts$|^services\/archive\/src\/headers\/explicit-file\.ts$|^services\/results\/src\/(objects\/keep-objects|render\/pdf\/(pdf-of|woff))\.ts$/,
    why: "a service reads strangers' files in threads, or quickly (readQuickly); its own wherever it likes",
  },
  {
    what: /(from|import) ?\(?"\.\.?\/(.*\/)?main\.ts"/,
    allowed: /^$/,
    why: "main.ts wires and dies: nothing imports it",
  },
];
