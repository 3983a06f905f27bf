import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { answers, run } from "../run.ts";
import { CUDA_STAND_IN, STAND_INS, type StandIn } from "./stand-ins.ts";

/**
 * Makes stand-ins for every base image, where no image registry can be reached but Debian, npm
 * and the Go proxy can: `npm run images:offline -- [--cuda] [--folder FOLDER]`. They carry the same tags, so
 * that the Dockerfiles and compose.yaml are used as they are. Needs root (debootstrap), Docker,
 * and Go for the S3 server. FOLDER keeps the unpacked Debian between runs. An image that is
 * already there, pulled or made, is left alone.
 */
const DEBIAN_IMAGE = "debian:trixie-slim";
const MIRROR = "http://deb.debian.org/debian";
/** What docker.io's slim variant leaves out too. */
const NOT_IN_SLIM = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "usr/share/doc",
  "usr/share/man",
].flatMap((folder) => ["--exclude", `./${folder}/*`]);
const LOCALES = ["--exclude", "./usr/share/locale/*"];
const HERE = dirname(fileURLToPath(import.meta.url));

const { values: flags } = parseArgs({
  options: {
    folder: { type: "string", default: "/var/cache/axial-offline" },
    cuda: { type: "boolean", default: false },
  },
});

importDebian(flags.folder, join(flags.folder, "trixie"));
for (const standIn of STAND_INS) build(standIn);
if (flags.cuda) build(CUDA_STAND_IN);

function importDebian(folder: string, root: string): void {
  if (isThere(DEBIAN_IMAGE)) return;
  if (!existsSync(join(root, "etc/os-release"))) {
    run("mkdir", ["-p", folder]);
    const options = ["--variant=minbase", "--include=ca-certificates"];
    run("debootstrap", [...options, "trixie", root, MIRROR]);
  }
  const pack = `tar -C "$0" ${[...NOT_IN_SLIM, ...LOCALES].map((word) => `'${word}'`).join(" ")} -c .`;
  run("sh", ["-c", `${pack} | docker import - ${DEBIAN_IMAGE}`, root]);
}

function build({ image, dockerfile, prepare }: StandIn): void {
  if (isThere(image)) return;
  const context = mkdtempSync(join(tmpdir(), "axial-base-"));
  try {
    prepare?.(context);
    const file = join(HERE, dockerfile);
    const label = `org.example.axial.stands-in-for=${image}`;
    run("docker", ["build", "--quiet", "--label", label, "--tag", image, "--file", file, context]);
    console.log(`made ${image}`);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

function isThere(image: string): boolean {
  return answers("docker", ["image", "inspect", image]);
}
