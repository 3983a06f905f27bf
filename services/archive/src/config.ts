import { loadConfig } from "@axial/kit";
import { Type } from "typebox";

export const ArchiveEnvSchema = Type.Object({
  AXIAL_DATABASE_URL: Type.String({ minLength: 1 }),
  AXIAL_BLOB_URL: Type.String({ minLength: 1 }),
  AXIAL_HOST: Type.String({ default: "0.0.0.0" }),
  AXIAL_PORT: Type.Integer({ default: 8084, minimum: 0, maximum: 65535 }),
  AXIAL_LOG_LEVEL: Type.String({ default: "info" }),
});

/** The service's settings, from its environment. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  return loadConfig(ArchiveEnvSchema, source);
}
