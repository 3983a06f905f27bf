import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Writes docker/.env with secrets of its own for `docker compose`, readable by its owner alone. An
 * existing file is left alone: the database keeps its first password.
 */
const FILE = fileURLToPath(new URL(".env", import.meta.url));
const SECRET_BYTES = 32;
const ACCESS_KEY_BYTES = 10;

const secret = () => randomBytes(SECRET_BYTES).toString("base64url");
const values = {
  AXIAL_ADMIN_KEY: `axial_${secret()}`,
  AXIAL_OUTCOME_KEYS: secret(),
  POSTGRES_PASSWORD: secret(),
  REDIS_PASSWORD: secret(),
  S3_ACCESS_KEY: randomBytes(ACCESS_KEY_BYTES).toString("hex").toUpperCase(),
  S3_SECRET_KEY: secret(),
  GRAFANA_PASSWORD: secret(),
};
const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);

try {
  writeFileSync(FILE, lines.join(""), { mode: 0o600, flag: "wx" });
  console.log(`wrote ${FILE}; the key for the API is AXIAL_ADMIN_KEY in it`);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  console.log(`${FILE} is there already`);
}
