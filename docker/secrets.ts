import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync, statfsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Writes docker/.env with secrets of its own for `docker compose`, readable by its owner alone, and
 * how large the database may become on this machine's disk. What
 * the file has already stays, because the database keeps its first password; a newer compose.yaml
 * may want more.
 */
const FILE = fileURLToPath(new URL(".env", import.meta.url));
const SECRET_BYTES = 32;
const ACCESS_KEY_BYTES = 10;

/** Where Docker keeps volumes, unless its `data-root` says otherwise. */
const VOLUMES = "/var/lib/docker";
/** Of what is free there when this is written; blobs and the rest share the disk. */
const DATABASE_SHARE = 0.8;

function databaseBytes(): number {
  const { bavail, bsize } = statfsSync(existsSync(VOLUMES) ? VOLUMES : "/");
  return Math.floor(DATABASE_SHARE * bavail * bsize);
}

const secret = () => randomBytes(SECRET_BYTES).toString("base64url");
const values = {
  AXIAL_ADMIN_KEY: `axial_${secret()}`,
  AXIAL_OUTCOME_KEYS: secret(),
  POSTGRES_PASSWORD: secret(),
  REDIS_PASSWORD: secret(),
  S3_ACCESS_KEY: randomBytes(ACCESS_KEY_BYTES).toString("hex").toUpperCase(),
  S3_SECRET_KEY: secret(),
  S3_GATEWAY_SECRET: secret(),
  S3_ARCHIVE_SECRET: secret(),
  S3_RESULTS_SECRET: secret(),
  S3_WORKER_SECRET: secret(),
  S3_ENGINE_SECRET: secret(),
  GRAFANA_PASSWORD: secret(),
  AXIAL_MAX_DATABASE_BYTES: databaseBytes(),
};

const present = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
const missing = Object.entries(values).filter(
  ([name]) => !present.split("\n").some((line) => line.startsWith(`${name}=`)),
);
const lines = missing.map(([name, value]) => `${name}=${value}\n`).join("");
const begin = present === "" || present.endsWith("\n") ? "" : "\n";
appendFileSync(FILE, begin + lines, { mode: 0o600 });
chmodSync(FILE, 0o600);
const names = missing.map(([name]) => name);
if (present === "") console.log(`wrote ${FILE}; the key for the API is AXIAL_ADMIN_KEY in it`);
else if (names.length === 0) console.log(`${FILE} has everything already`);
else console.log(`added ${names.join(", ")} to ${FILE}`);
