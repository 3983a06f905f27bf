import { SIGN_IN_ENVIRONMENT, signInSettings } from "@axial/console";
import { loadConfig, TLS_ENVIRONMENT, TRACING_ENVIRONMENT, tlsFiles } from "@axial/kit";
import { OIDC_ENVIRONMENT, oidcSettings } from "@axial/service";
import { type Command, Option } from "commander";
import { Type } from "typebox";
import {
  DEFAULT_DATA,
  DEFAULT_DIMSE_PORT,
  DEFAULT_HOST,
  DEFAULT_MODELS,
  DEFAULT_PORT,
} from "../defaults.ts";
import type { StackOptions } from "./stack.ts";

/** The flags of `axial up`, shared by every command that starts the whole of Axial. */
export interface UpFlags {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  /** undefined: DICOM's own port where it is free. */
  readonly dimsePort?: number;
  /** undefined: no orders are taken. */
  readonly hl7Port?: number;
  readonly publicUrl?: string;
}

export function withUpFlags(command: Command): Command {
  const integer = (flags: string, text: string, value: number) =>
    new Option(flags, text).argParser(parseInteger).default(value);
  return command
    .addOption(integer("--port <port>", "port of API and console, 0 for any", DEFAULT_PORT))
    .option("--host <host>", "address to listen on", DEFAULT_HOST)
    .option("--data <folder>", "where everything is kept", DEFAULT_DATA)
    .addOption(
      new Option(
        "--dimse-port <port>",
        `port for C-STORE and C-ECHO, 0 for any (default: ${DEFAULT_DIMSE_PORT} where it is free)`,
      ).argParser(parseInteger),
    )
    .addOption(
      new Option(
        "--hl7-port <port>",
        "take orders (HL7 v2 over MLLP) there, for STAT; without it none",
      ).argParser(parseInteger),
    )
    .addOption(
      new Option("--public-url <url>", "address by which others reach it, for links").env(
        "AXIAL_PUBLIC_URL",
      ),
    )
    .addOption(integer("--workers <count>", "worker processes", 1));
}

function parseInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${text} is not a whole number`);
  return value;
}

/** A setting that is a number of bytes, `least` or more. Throws for another. */
function bytes(name: string, environment: NodeJS.ProcessEnv, least: number): number | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (value >= least) return value;
  throw new Error(`${name}: ${text} is not a number of bytes`);
}

/** The flags combined with the environment. */
export function stackOptions(flags: UpFlags, environment: NodeJS.ProcessEnv): StackOptions {
  const given = {
    databaseUrl: environment.AXIAL_DATABASE_URL,
    queueUrl: environment.AXIAL_QUEUE_URL,
    blobUrl: environment.AXIAL_BLOB_URL,
    adminKey: environment.AXIAL_ADMIN_KEY,
    maxDatabaseBytes: bytes("AXIAL_MAX_DATABASE_BYTES", environment, 1),
    reservedDiskBytes: bytes("AXIAL_RESERVED_DISK_BYTES", environment, 0),
    outcomeKeys: environment.AXIAL_OUTCOME_KEYS,
    destinationFolder: environment.AXIAL_DESTINATION_FOLDER,
  };
  return {
    ...flags,
    oidc: oidcSettings(loadConfig(Type.Object(OIDC_ENVIRONMENT), environment)),
    signIn: signInSettings(loadConfig(Type.Object(SIGN_IN_ENVIRONMENT), environment)),
    tls: tlsFiles(loadConfig(Type.Object(TLS_ENVIRONMENT), environment)),
    tracing: loadConfig(Type.Object(TRACING_ENVIRONMENT), environment),
    models: environment.AXIAL_MODELS_DIR ?? DEFAULT_MODELS,
    logLevel: environment.AXIAL_LOG_LEVEL ?? "info",
    ...(environment.AXIAL_METRICS_ACCESS === "open" ? { metricsAccess: "open" as const } : {}),
    trustedProxies: (environment.AXIAL_TRUSTED_PROXIES ?? "").split(",").filter(Boolean),
    destinationNetworks: (environment.AXIAL_DESTINATION_NETWORKS ?? "").split(",").filter(Boolean),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}
