import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "@axial/client";
import type { Command } from "commander";
import { DEFAULT_URL } from "../defaults.ts";

/** Where `axial up` keeps the first key. */
export const ADMIN_KEY_FILE = "admin-key";

export interface ConnectionOptions {
  readonly url: string;
  readonly key?: string;
  readonly data: string;
}

/** Adds the options shared by all client commands. */
export function withConnection(command: Command): Command {
  return command
    .option("--url <url>", "address of Axial", process.env.AXIAL_URL ?? DEFAULT_URL)
    .option("--key <key>", "API key (or AXIAL_API_KEY, or the one in the data folder)")
    .option("--data <folder>", "data folder that holds the first key", "./data");
}

/** Makes subcommands of `parent` that talk to the server and may print JSON. */
export function connectedTo(parent: Command): (usage: string, description: string) => Command {
  return (usage, description) =>
    withConnection(parent.command(usage).description(description)).option(
      "--json",
      "print one JSON document",
      false,
    );
}

/** The connection from options and environment. Throws when there is no key. */
export function connectionFrom(options: ConnectionOptions): Connection {
  const file = join(options.data, ADMIN_KEY_FILE);
  const key =
    options.key ??
    process.env.AXIAL_API_KEY ??
    process.env.AXIAL_ADMIN_KEY ??
    (existsSync(file) ? readFileSync(file, "utf8").trim() : undefined);
  if (key === undefined) {
    throw new Error(`no API key: pass --key or set AXIAL_API_KEY (also looked for ${file})`);
  }
  return { url: options.url.replace(/\/$/, ""), key };
}
