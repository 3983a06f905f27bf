import { globSync, readFileSync } from "node:fs";

/**
 * What `turbo boundaries` cannot say, because it follows the tests' dependencies too: which files
 * of the product may import a package or read a global.
 * `allowed` are the only places; tests may do as they like.
 */
const RULES: readonly { readonly what: RegExp; readonly allowed: RegExp; readonly why: string }[] =
  [
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
      what: /"@axial\/store[/"]/,
      allowed: /^(?!services\/worker\/)/,
      why: "the worker needs the queue and the blob store, and no database",
    },
    {
      what: /\bprocess\.env\b/,
      allowed:
        /^(services\/[^/]+\/src\/config\.ts|cli\/|bench\/|e2e\/|scripts\/|libs\/testkit\/|libs\/blobs\/src\/thread-pool\.ts$|libs\/inference\/src\/session\/no-telemetry\.ts$)/,
      why: "only a service's config.ts reads the environment",
    },
  ];

const sources = globSync([
  "libs/*/src/**/*.ts",
  "services/*/src/**/*.ts",
  "{tools,cli,bench,e2e}/src/**/*.ts",
]);

const violations = sources.flatMap((file) => {
  const text = readFileSync(file, "utf8");
  return RULES.filter((rule) => rule.what.test(text) && !rule.allowed.test(file)).map(
    (rule) => `${file}: ${rule.why}`,
  );
});

for (const violation of violations) console.error(violation);
console.log(`layout: ${sources.length} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
