import { TLS_ENVIRONMENT, TRACING_ENVIRONMENT } from "@axial/kit";
import { type Static, Type } from "typebox";
import { OIDC_ENVIRONMENT } from "./sign-in/oidc-settings.ts";

/** Variables of a process that uses the database. */
export const DATABASE_ENVIRONMENT = {
  AXIAL_DATABASE_URL: Type.String({ minLength: 1 }),
  AXIAL_LOG_LEVEL: Type.String({ default: "info" }),
};

/** How callers reach a server: for links in responses. */
const ADDRESS_ENVIRONMENT = {
  AXIAL_PUBLIC_URL: Type.Optional(
    Type.String({ pattern: "^(https?://[^/?#]+(/[^?#]*)?)?$", description: "empty: none" }),
  ),
  /** Addresses and networks, separated by commas. */
  AXIAL_TRUSTED_PROXIES: Type.Optional(Type.String()),
};

/**
 * Variables that every service with a database reads. Each listens on a port of its own, so that
 * all of them run on one machine.
 */
export function serviceEnvironment(port: number) {
  return {
    ...DATABASE_ENVIRONMENT,
    AXIAL_BLOB_URL: Type.String({ minLength: 1 }),
    AXIAL_SCHEMA: Type.Enum(["migrate", "wait"], {
      default: "migrate",
      description:
        "What brings the schema up to date: the service itself, or a job that it waits for",
    }),
    AXIAL_METRICS_ACCESS: Type.Enum(["open", "key"], {
      default: "open",
      description:
        "Who may read /metrics: who reaches the port, or from elsewhere keys of the home tenant",
    }),
    ...ADDRESS_ENVIRONMENT,
    ...OIDC_ENVIRONMENT,
    ...TLS_ENVIRONMENT,
    ...TRACING_ENVIRONMENT,
    AXIAL_HOST: Type.String({ default: "0.0.0.0" }),
    AXIAL_PORT: Type.Integer({ default: port, minimum: 0, maximum: 65535 }),
  };
}

/** Variables of a service that uses the queue. */
export const QUEUE_ENVIRONMENT = {
  AXIAL_QUEUE_URL: Type.String({ minLength: 1 }),
};

const ServiceEnvSchema = Type.Object(serviceEnvironment(0));
export type ServiceConfig = Readonly<Static<typeof ServiceEnvSchema>>;
