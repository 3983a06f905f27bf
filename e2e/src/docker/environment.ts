import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compose, docker, lines } from "./compose.ts";

const SECRET_BYTES = 24;

/** A stack of its own name with secrets of its own, on free ports of this machine. */
export interface Environment {
  readonly compose: Compose;
  readonly project: string;
  readonly adminKey: string;
  readonly postgresPassword: string;
  remove(): Promise<void>;
}

export async function createEnvironment(): Promise<Environment> {
  const folder = await mkdtemp(join(tmpdir(), "axial-docker-"));
  const project = `axial-e2e-${process.pid}`;
  const secret = () => randomBytes(SECRET_BYTES).toString("hex");
  const adminKey = `axial_${secret()}`;
  const postgresPassword = secret();
  const settings = {
    AXIAL_ADMIN_KEY: adminKey,
    AXIAL_OUTCOME_KEYS: secret(),
    POSTGRES_PASSWORD: postgresPassword,
    REDIS_PASSWORD: secret(),
    S3_ACCESS_KEY: secret().slice(0, 20).toUpperCase(),
    S3_SECRET_KEY: secret(),
    S3_GATEWAY_SECRET: secret(),
    S3_ARCHIVE_SECRET: secret(),
    S3_RESULTS_SECRET: secret(),
    S3_WORKER_SECRET: secret(),
    S3_ENGINE_SECRET: secret(),
    GRAFANA_PASSWORD: secret(),
    AXIAL_WORKERS: "1",
    AXIAL_PORT: "0",
    AXIAL_DIMSE_PORT: "0",
    PROMETHEUS_PORT: "0",
    GRAFANA_PORT: "0",
  };
  const envFile = join(folder, "env");
  const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(envFile, text.join(""), { mode: 0o600 });
  return {
    compose: new Compose({ project, envFile }),
    project,
    adminKey,
    postgresPassword,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Why the stack cannot be started here, or null. */
export function reasonToSkip(): string | null {
  if (spawnSync("docker", ["info"]).status !== 0) return "no Docker daemon answers";
  if (spawnSync("docker", ["compose", "version"]).status !== 0) return "docker compose is missing";
  return null;
}

/** The images of compose.yaml that are not on this machine. */
export async function missingImages(compose: Compose): Promise<string[]> {
  const images = [...new Set(lines(await compose.run("config", "--images")))];
  const found = await Promise.allSettled(images.map((image) => docker("image", "inspect", image)));
  return images.filter((_, index) => found[index]?.status === "rejected");
}
