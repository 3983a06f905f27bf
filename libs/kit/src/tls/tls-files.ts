import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import { ConfigError } from "../config.ts";

/** Variables by which a server speaks TLS, and asks its callers for certificates. */
export const TLS_ENVIRONMENT = {
  AXIAL_TLS_CERT: Type.Optional(Type.String({ description: "file in PEM, with its chain" })),
  AXIAL_TLS_KEY: Type.Optional(Type.String({ description: "file in PEM" })),
  AXIAL_TLS_CA: Type.Optional(
    Type.String({ description: "file in PEM: callers show a certificate of this authority" }),
  ),
};

const TlsEnvSchema = Type.Object(TLS_ENVIRONMENT);

/** Files in PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Of the authority of both sides, where callers have to show a certificate. */
  readonly ca: string | null;
}

/** The files' contents. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | null;
}

/** The files that the environment names; null for none. Throws ConfigError. */
export function tlsFiles(environment: Readonly<Static<typeof TlsEnvSchema>>): TlsFiles | null {
  const { AXIAL_TLS_CERT: cert, AXIAL_TLS_KEY: key, AXIAL_TLS_CA: ca } = environment;
  if (!cert && !key && !ca) return null;
  if (!cert || !key) throw new ConfigError(["AXIAL_TLS_CERT and AXIAL_TLS_KEY belong together"]);
  return { cert, key, ca: ca || null };
}

/** Throws when a file cannot be read, or certificate and key do not belong together. */
export function readTls({ cert, key, ca }: TlsFiles): TlsMaterial {
  const material = {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: ca === null ? null : readFileSync(ca),
  };
  if (certificateOf(material).checkPrivateKey(createPrivateKey(material.key))) return material;
  throw new Error("the TLS certificate is not of this key");
}

/** When the certificate is no longer valid, in seconds since 1970. */
export function expiryOf(material: TlsMaterial): number {
  return certificateOf(material).validToDate.getTime() / 1_000;
}

function certificateOf({ cert }: TlsMaterial): X509Certificate {
  return new X509Certificate(cert);
}
