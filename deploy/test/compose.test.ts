import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { needs } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SCHEMAS } from "../src/rules/environment.ts";

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: readonly string[];
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, string>> } };
  readonly healthcheck?: { readonly test?: unknown; readonly disable?: boolean };
}

const text = readFileSync(new URL("../../docker/compose.yaml", import.meta.url), "utf8");
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const entries = Object.entries(services);
const own = entries.filter(([, { image }]) => image.startsWith("axial-"));
/** Those that start a script of a service: not jobs of Compose's own. */
const starting = own.filter(([, { command }]) => command?.[0]?.startsWith("services/") ?? false);
const others = entries.filter(([, { image }]) => !image.startsWith("axial-"));

/** The names of settings that a service reads, by the script that starts it. */
function settingsOf(script: string): Set<string> {
  const [, service, file] = /^services\/(\w+)\/src\/(\w+)\.ts$/.exec(script) ?? [];
  return new Set(Object.keys(SCHEMAS[`${service}/${file}`]?.properties ?? {}));
}

describe("docker/compose.yaml", () => {
  it("pins every image that others make to an exact version", () => {
    expect(others.length).toBeGreaterThan(4);
    const floating = others.filter(([, { image }]) => !/:v?\d+\.\d+/.test(image));
    expect(floating).toEqual([]);
  });

  it.each(starting)(
    "%s sets only what its config.ts knows, and starts a script that exists",
    (_name, service) => {
      const script = service.command?.[0] ?? "";
      expect(readFileSync(new URL(`../../${script}`, import.meta.url), "utf8")).toMatch(
        /\brun(Process|Service)\(/,
      );
      const known = settingsOf(script);
      const set = Object.keys(service.environment ?? {}).filter((name) =>
        name.startsWith("AXIAL_"),
      );
      expect(set.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it("tells the gateway how large the database may become, from the disk", () => {
    const limit = services.gateway?.environment?.AXIAL_MAX_DATABASE_BYTES;
    expect(limit).toMatch(/^\$\{AXIAL_MAX_DATABASE_BYTES:\?/);
    const written = readFileSync(new URL("../../docker/secrets.ts", import.meta.url), "utf8");
    expect(written).toContain("AXIAL_MAX_DATABASE_BYTES: databaseBytes()");
  });

  it.each(own)("%s meets the database only if it is told where it is", (_name, service) => {
    const told = "AXIAL_DATABASE_URL" in (service.environment ?? {});
    expect(service.networks?.includes("database") ?? false).toBe(told);
  });

  it("has one address for the links of every service that answers", () => {
    const answering = ["gateway", "archive", "results"].map((name) => services[name]?.environment);
    const addresses = new Set(answering.map((environment) => environment?.AXIAL_PUBLIC_URL));
    expect([...addresses]).toEqual([expect.stringContaining("http://127.0.0.1")]);
    expect(answering.every((environment) => "AXIAL_TRUSTED_PROXIES" in (environment ?? {}))).toBe(
      true,
    );
  });

  it.each(entries)("%s keeps its logs and its memory within bounds", (_name, service) => {
    expect(service.logging?.options).toEqual({ "max-size": "10m", "max-file": "5" });
    expect(service.deploy?.resources?.limits?.memory).toMatch(/^\d+[MG]$/);
  });

  it("leaves no server that others wait for without a health check", () => {
    const checked = ["postgres", "redis", "s3"].map((name) => services[name]?.healthcheck?.test);
    expect(checked.every((test) => test !== undefined)).toBe(true);
  });
});

describe("docker/config/haproxy.cfg", needs("haproxy"), () => {
  it("is a configuration that HAProxy takes", () => {
    const file = fileURLToPath(new URL("../../docker/config/haproxy.cfg", import.meta.url));
    const { status, stderr } = spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" });
    expect([status, stderr.match(/\[ALERT\].*/g)]).toEqual([0, null]);
  });
});
