import { API_KEY_PATTERN, HOME_TENANT } from "@axial/contracts";
import { loadConfig } from "@axial/kit";
import { DATABASE_ENVIRONMENT, QUEUE_ENVIRONMENT, serviceEnvironment } from "@axial/service";
import { Type } from "typebox";

export const GatewayEnvSchema = Type.Object({
  ...serviceEnvironment(8080),
  ...QUEUE_ENVIRONMENT,
  AXIAL_ARCHIVE_URL: Type.Optional(Type.String({ minLength: 1 })),
  AXIAL_MODELS_DIR: Type.String({ default: "./models" }),
  AXIAL_MODELS_SYNTHETIC: Type.Enum(["on", "off"], { default: "off" }),
  AXIAL_ADMIN_KEY: Type.Optional(Type.String({ pattern: API_KEY_PATTERN })),
  AXIAL_MAX_PENDING_TASKS: Type.Integer({ default: 5_000_000, minimum: 1 }),
  AXIAL_MAX_DATABASE_BYTES: Type.Optional(
    Type.Number({
      minimum: 1e6,
      description: "of the volume that PostgreSQL has; where left out, 200e9",
    }),
  ),
  AXIAL_RESERVED_DISK_BYTES: Type.Number({ default: 2e9, minimum: 0 }),
  AXIAL_DESTINATION_NETWORKS: Type.String({
    default: "",
    description: "internal networks where destinations and sources may be, separated by commas",
  }),
  AXIAL_DIMSE_PORT: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  AXIAL_HL7_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: "takes orders over MLLP; off without",
    }),
  ),
  AXIAL_HL7_TENANT: Type.String({ default: HOME_TENANT, description: "whose orders come there" }),
  /** Made an application entity for every caller where an installation has no entity yet. */
  AXIAL_DIMSE_DEFAULT_TITLE: Type.Optional(Type.String({ minLength: 1, maxLength: 16 })),
  /** Files in PEM: with certificate and key associations are encrypted, with the authority mutual. */
  AXIAL_DIMSE_TLS_CERT: Type.Optional(Type.String({ minLength: 1 })),
  AXIAL_DIMSE_TLS_KEY: Type.Optional(Type.String({ minLength: 1 })),
  AXIAL_DIMSE_TLS_CA: Type.Optional(Type.String({ minLength: 1 })),
});

/** The service's settings, from its environment. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  return loadConfig(GatewayEnvSchema, source);
}

export const MigrationsEnvSchema = Type.Object(DATABASE_ENVIRONMENT);

/** The settings of a process that only brings the schema forward. */
export function readMigrationsConfig(source: NodeJS.ProcessEnv = process.env) {
  return loadConfig(MigrationsEnvSchema, source);
}
