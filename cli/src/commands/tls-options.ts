import { readFile } from "node:fs/promises";
import type { Command } from "commander";

/** Options of a command that names where something encrypted is. */
export interface TlsOptions {
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly certKey?: string;
}

export function withTls(command: Command): Command {
  return command
    .option("--tls", "encrypt; with --ca also for authorities of your own")
    .option("--ca <file>", "authorities that are trusted, PEM")
    .option("--cert <file>", "certificate of Axial, PEM")
    .option("--cert-key <file>", "its key, PEM");
}

/** The files' contents as the API takes them; undefined for a connection in the clear. */
export async function tlsOf({ tls, ca, cert, certKey }: TlsOptions): Promise<object | undefined> {
  const read = (file: string | undefined) =>
    file === undefined ? undefined : readFile(file, "utf8");
  const given = defined({ ca: await read(ca), cert: await read(cert), key: await read(certKey) });
  return tls === true || !isEmpty(given) ? given : undefined;
}

/** The values that are there. */
export function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

export function isEmpty(values: object): boolean {
  return Object.keys(values).length === 0;
}
