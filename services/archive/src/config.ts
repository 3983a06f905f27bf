import { loadConfig } from "@axial/kit";
import { serviceEnvironment } from "@axial/service";
import { Type } from "typebox";

export const ArchiveEnvSchema = Type.Object(serviceEnvironment(8084));

/** The service's settings, from its environment. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  return loadConfig(ArchiveEnvSchema, source);
}
