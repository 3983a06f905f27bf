import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CUDA_IMAGE, GPU_IMAGE, NODE_IMAGE, RUNTIME_IMAGE, SERVICE_IMAGE } from "./images.ts";
import { outputOf, run } from "./run.ts";
import { recordImage, sbomOf } from "./sbom.ts";

/**
 * Builds Axial's images: `npm run images -- [--gpu [--providers cuda]] [--revision HEAD |
 * --working-tree]`.
 *
 * From a commit, not from the working tree: so the label `revision` is true, and two machines build
 * the same. `--working-tree` is for trying something out. Prints one line per image: name, size,
 * digest, and whether the size is within its limit. What is in it (CycloneDX) and its digests are
 * written to docker/out.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = fileURLToPath(new URL("out", import.meta.url));
/** Uncompressed; what a node pulls is about a third of it. */
const SERVICE_LIMIT_BYTES = 350e6;

const { values: flags } = parseArgs({
  options: {
    gpu: { type: "boolean", default: false },
    revision: { type: "string", default: "HEAD" },
    "working-tree": { type: "boolean", default: false },
    network: { type: "string", default: "default" },
    providers: { type: "string", default: "cuda tensorrt" },
  },
});
const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")) as { version: string };

interface Recipe {
  readonly image: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly limitBytes?: number;
}

const RECIPES: readonly Recipe[] = [
  {
    image: `${SERVICE_IMAGE}:${version}`,
    dockerfile: "docker/service.Dockerfile",
    args: { NODE_IMAGE, RUNTIME_IMAGE },
    limitBytes: SERVICE_LIMIT_BYTES,
  },
  ...(flags.gpu
    ? [
        {
          image: `${GPU_IMAGE}:${version}`,
          dockerfile: "docker/worker-gpu.Dockerfile",
          args: {
            CUDA_IMAGE,
            SERVICE_IMAGE: `${SERVICE_IMAGE}:${version}`,
            PROVIDERS: flags.providers,
          },
        },
      ]
    : []),
];

const revision = flags["working-tree"] ? "working-tree" : revisionOf(flags.revision);
const sbom = sbomOf(ROOT, revision);
for (const recipe of RECIPES) build(recipe);

function build({ image, dockerfile, args, limitBytes = Number.POSITIVE_INFINITY }: Recipe): void {
  const labels = { ...args, VERSION: version, REVISION: revision };
  const options = [
    ...Object.entries(labels).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...["--network", flags.network, "--file", dockerfile, "--tag", image],
  ];
  const env = { DOCKER_BUILDKIT: "1" };
  if (flags["working-tree"]) run("docker", ["build", ...options, "."], { cwd: ROOT, env });
  else {
    const archive = `git archive --format=tar "$0" | docker build "$@" -`;
    run("sh", ["-c", archive, revision, ...options], { cwd: ROOT, env });
  }
  const bytes = Number(outputOf("docker", ["image", "inspect", "--format", "{{.Size}}", image]));
  const { id } = recordImage({ image, revision }, sbom, OUT);
  console.log(`${image}  ${Math.round(bytes / 1e6)} MB  ${id}`);
  if (bytes <= limitBytes) return;
  console.error(`${image} is larger than ${limitBytes / 1e6} MB`);
  process.exitCode = 1;
}

function revisionOf(name: string): string {
  return outputOf("git", ["rev-parse", "--verify", `${name}^{commit}`], { cwd: ROOT });
}
