import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { eventually, freePort, needs } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Compose {
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly services: Readonly<
    Record<string, { readonly command?: readonly string[]; readonly environment?: Settings }>
  >;
}
type Settings = Readonly<Record<string, string>>;

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const OWNER = {
  AWS_ACCESS_KEY_ID: "OWNEROFTHESTORE",
  AWS_SECRET_ACCESS_KEY: "secret-of-the-owner",
};
const { configs, services } = parse(readFileSync(join(REPOSITORY, "docker/compose.yaml"), "utf8"), {
  merge: true,
}) as Compose;

/** `${NAME:?…}` as Compose fills it in: each secret is its own name. */
function filledIn(text: string): string {
  return text.replaceAll(/\$\{(\w+)[^}]*\}/g, (_all, name: string) => name);
}

/** The credential that compose.yaml gives a service, or the engines of its workers. */
function credentialOf(name: string): Settings {
  const settings = services[name === "engine" ? "worker" : name]?.environment ?? {};
  const [id, secret] =
    name === "engine"
      ? ["AXIAL_BLOB_READ_ACCESS_KEY_ID", "AXIAL_BLOB_READ_SECRET_ACCESS_KEY"]
      : ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  return {
    AWS_ACCESS_KEY_ID: settings[id ?? ""] ?? "",
    AWS_SECRET_ACCESS_KEY: filledIn(settings[secret ?? ""] ?? ""),
  };
}

describe("the S3 accounts of docker/compose.yaml, at its own server", needs("versitygw"), () => {
  const folder = mkdtempSync(join(tmpdir(), "axial-store-accounts-"));
  let server: ChildProcess;
  let url: string;
  let stored: BlobKey;

  beforeAll(async () => {
    for (const name of ["iam", "data/axial"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(
      join(folder, "iam/users.json"),
      filledIn(configs["store-accounts"]?.content ?? ""),
    );
    const port = await freePort();
    const given = (services.s3?.command ?? []).map((word) =>
      word
        .replace(":7070", `127.0.0.1:${port}`)
        .replace(/^\/(iam|data)$/, (_all, name: string) => join(folder, name)),
    );
    const root = {
      ROOT_ACCESS_KEY_ID: "OWNEROFTHESTORE",
      ROOT_SECRET_ACCESS_KEY: "secret-of-the-owner",
    };
    server = spawn("versitygw", given, { env: { ...process.env, ...root }, stdio: "ignore" });
    url = `s3://axial/blobs?endpoint=http://127.0.0.1:${port}&region=us-east-1&pathStyle=true`;
    await eventually(
      "the store answers",
      async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.ok ?? false,
    );
    const [script = ""] = services["store-policy"]?.command ?? [];
    const granted = spawnSync(process.execPath, [script, url, "docker/config/store-policy.json"], {
      cwd: REPOSITORY,
      env: { ...process.env, ...OWNER },
      encoding: "utf8",
    });
    if (granted.status !== 0) throw new Error(granted.stderr);
    stored = await as("gateway", (store) => store.put(randomBytes(64)));
  });
  afterAll(() => {
    server?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** What `act` comes to with a service's own credential. */
  async function as<T>(name: string, act: (store: BlobStore) => Promise<T>): Promise<T> {
    Object.assign(process.env, credentialOf(name));
    return act(openBlobStore(url));
  }

  const streamed = (store: BlobStore) =>
    store.putStream(
      (async function* () {
        yield randomBytes(6 * 1024 * 1024);
        yield randomBytes(6 * 1024 * 1024);
      })(),
      2 ** 30,
    );

  it.each([
    ["gateway", { read: true, write: true, stream: true, delete: false }],
    ["archive", { read: true, write: false, stream: false, delete: false }],
    ["results", { read: true, write: true, stream: true, delete: true }],
    ["worker", { read: false, write: true, stream: false, delete: false }],
    ["engine", { read: true, write: false, stream: false, delete: false }],
  ])("%s may do what it does, and nothing else", async (name, may) => {
    const ended = (acting: Promise<unknown>) =>
      acting.then(
        () => true,
        (error: { code?: string }) => error.code ?? String(error),
      );
    const expected = (allowed: boolean) => (allowed ? true : "unavailable");
    expect(await ended(as(name, (store) => store.get(stored)))).toBe(expected(may.read));
    expect(await ended(as(name, (store) => store.put(randomBytes(64))))).toBe(expected(may.write));
    expect(await ended(as(name, streamed))).toBe(expected(may.stream));
    expect(await ended(as(name, (store) => (may.write ? store.ping() : store.pingReads())))).toBe(
      true,
    );
    const other = await as("gateway", (store) => store.put(randomBytes(64)));
    expect(await ended(as(name, (store) => store.delete(other)))).toBe(expected(may.delete));
    if (!may.read) return;
    // What is not there is told from what is not allowed: another attempt at it may help.
    const absent = "0".repeat(64) as BlobKey;
    expect(await ended(as(name, (store) => store.get(absent)))).toBe("blob-missing");
    expect(await as(name, (store) => store.has(absent))).toBe(false);
  });

  it("results sweeps what others left", async () => {
    await as("results", async (store) => {
      await store.tidy?.();
      const keys = new Set<string>();
      for await (const { key } of store.list()) keys.add(key);
      expect(keys).toContain(stored);
    });
  });

  it("refuses callers without an account, or with another account's secret", async () => {
    const wrong = {
      AWS_ACCESS_KEY_ID: "axial-results",
      AWS_SECRET_ACCESS_KEY: "S3_GATEWAY_SECRET",
    };
    for (const credential of [wrong, { ...wrong, AWS_ACCESS_KEY_ID: "stranger" }]) {
      Object.assign(process.env, credential);
      await expect(openBlobStore(url).get(stored)).rejects.toMatchObject({ code: "unavailable" });
    }
  });
});
