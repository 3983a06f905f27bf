import { readFileSync } from "node:fs";
import type { TlsOptions } from "@axial/dimse";
import { ConfigError } from "@axial/kit";
import type { readConfig } from "../config.ts";
import type { DimseDoorOptions } from "./dimse-door.ts";

type Config = ReturnType<typeof readConfig>;

/** The C-STORE door that the environment asks for; undefined without a port. */
export function dimseOptions(config: Config): DimseDoorOptions | undefined {
  const { AXIAL_DIMSE_PORT: port, AXIAL_HOST: host } = config;
  if (port === undefined) return undefined;
  const tls = tlsOptions(config);
  const defaultTitle = config.AXIAL_DIMSE_DEFAULT_TITLE;
  return {
    host,
    port,
    ...(tls === null ? {} : { tls }),
    ...(defaultTitle === undefined ? {} : { defaultTitle }),
  };
}

function tlsOptions(config: Config): TlsOptions | null {
  const { AXIAL_DIMSE_TLS_CERT: cert, AXIAL_DIMSE_TLS_KEY: key, AXIAL_DIMSE_TLS_CA: ca } = config;
  if (cert === undefined && key === undefined && ca === undefined) return null;
  if (cert === undefined || key === undefined) {
    throw new ConfigError(["AXIAL_DIMSE_TLS_CERT and AXIAL_DIMSE_TLS_KEY belong together"]);
  }
  return {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  };
}
