import { loadConfig, TLS_ENVIRONMENT, TRACING_ENVIRONMENT } from "@axial/kit";
import { Type } from "typebox";
import { SIGN_IN_ENVIRONMENT } from "./sign-in.ts";

export const ConsoleEnvSchema = Type.Object({
  AXIAL_HOST: Type.String({ default: "0.0.0.0" }),
  AXIAL_PORT: Type.Integer({ default: 8083, minimum: 0, maximum: 65535 }),
  AXIAL_LOG_LEVEL: Type.String({ default: "info" }),
  ...SIGN_IN_ENVIRONMENT,
  ...TLS_ENVIRONMENT,
  ...TRACING_ENVIRONMENT,
});

/** The service's settings, from its environment. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  return loadConfig(ConsoleEnvSchema, source);
}
