import { instanceFacts, readInstance } from "@axial/dicom";
import type { Random } from "@axial/dicom/fuzz";
import { phantomSeries } from "@axial/testkit";
import type { System } from "../system.ts";
import { type Ending, FUZZED, request, type Target } from "./target.ts";

interface Operation {
  readonly service: (typeof FUZZED)[number];
  readonly method: string;
  readonly path: string;
  /** Names of properties that its body or query knows. */
  readonly names: readonly string[];
}

interface OpenApiOperation {
  readonly requestBody?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

const METHODS = ["get", "post", "put", "patch"];
/** They end what the others are asked about, take a minute, or are doors of their own. */
const LEFT_OUT =
  /\/(retention|events|close|cancel|discard)|^\/lanes|\/images$|^\/(livez|readyz|metrics|docs|openapi|console)/;
const STRINGS = [
  ...["", "x", "default", "routine", "admin", "1.2.3", "tiny-brain", "2026-01-01T00:00:00Z"],
  ...["\0", "\ud800", "'; DROP TABLE study; --", "../../etc/passwd", "a".repeat(70_000), "𝒳", "*"],
  ...["1e999", "-1", "null", "[]", "__proto__", "0".repeat(32), "http://127.0.0.1:1/", "٣"],
];
const NUMBERS = [0, -1, 1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 1e21];
const DEEP = 2_000;

/** Names in paths, and what is there of that name. */
type Known = Readonly<Record<string, string>>;

interface Asked {
  readonly operations: readonly Operation[];
  readonly known: Known;
}

/** Paths, queries and bodies of every route that takes or answers JSON, of wrong types and sizes. */
export function jsonTarget(): Target {
  let asked: Promise<Asked> | null = null;
  return {
    name: "json",
    send: async (system, random) => {
      asked ??= prepare(system);
      const { operations, known } = await asked;
      // Services in turns: the gateway has most of the routes.
      const service = random.pick(FUZZED);
      const operation = random.pick(operations.filter((one) => one.service === service));
      if (operation === undefined) throw new Error(`no operations of ${service}`);
      return ask(system, { operation, known }, random);
    },
  };
}

async function prepare(system: System): Promise<Asked> {
  const [known, operations] = await Promise.all([storeOne(system), readOperations(system)]);
  return { known, operations };
}

/** Stores an instance, so that some paths lead to something. */
async function storeOne(system: System): Promise<Known> {
  const [file = Buffer.of()] = phantomSeries({ kind: "brain", slices: 1 }).files;
  await system.fetch("gateway", "/dicom-web/studies", {
    method: "POST",
    headers: { "content-type": "application/dicom" },
    body: new Uint8Array(file),
  });
  const { studyUid, seriesUid, sopInstanceUid } = instanceFacts(readInstance(file));
  const named = { study: studyUid, series: seriesUid, instance: sopInstanceUid, frames: "1" };
  return { ...named, pool: "routine", lane: "routine", id: "default", model: "tiny-brain" };
}

async function readOperations(system: System): Promise<readonly Operation[]> {
  const answer = await fetch(`${system.url.gateway}/openapi.json`);
  const { paths } = (await answer.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  };
  const found = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      const dicom = path.startsWith("/dicom-web") && method !== "get";
      if (operation === undefined || dicom || LEFT_OUT.test(path)) return [];
      return [{ method, path, names: namesOf(operation) }];
    }),
  );
  return Promise.all(
    found.map(async (operation) => ({ ...operation, service: await serviceOf(system, operation) })),
  );
}

/** The service that has the route: it wants a key, where others know of no such route. */
async function serviceOf(
  system: System,
  { method, path }: Pick<Operation, "method" | "path">,
): Promise<Operation["service"]> {
  const url = path.replaceAll(/\{[^}]+\}/g, "1");
  for (const service of FUZZED) {
    const answer = await fetch(`${system.url[service]}${url}`, { method: method.toUpperCase() });
    await answer.body?.cancel();
    if (answer.status === 401) return service;
  }
  throw new Error(`no service has ${method} ${path}`);
}

/** Every name that a schema has somewhere, and those of the parameters. */
function namesOf({ requestBody, parameters = [] }: OpenApiOperation): readonly string[] {
  const text = JSON.stringify(requestBody ?? {});
  const named = [...text.matchAll(/"(\w{1,40})":\{/g)].map(([, name = ""]) => name);
  return [...named, ...parameters.map(({ name }) => name), "__proto__", "constructor"];
}

async function ask(
  system: System,
  { operation, known }: { readonly operation: Operation; readonly known: Known },
  random: Random,
): Promise<Ending> {
  const { service, method, path, names } = operation;
  const filled = path.replaceAll(/\{(\w+|\*)\}/g, (_, name: string) =>
    encodeURIComponent(random.below(2) === 0 ? (known[name] ?? "1") : wellFormed(random)),
  );
  const headers = {
    authorization: `Bearer ${system.key}`,
    "content-type": "application/json",
    ...(random.below(8) === 0 ? { "idempotency-key": `k${random.below(4)}` } : {}),
  };
  const query = new URLSearchParams(
    Array.from({ length: random.below(4) }, (): [string, string] => [
      random.pick(names) ?? "x",
      wellFormed(random),
    ]),
  );
  const url = `${system.url[service]}${filled}?${query}`;
  const body = method === "get" ? undefined : textOf(names, random);
  const sent = Buffer.from(`${method} ${path}?${query} ${body ?? ""}`.slice(0, 4_096));
  const ending = await request(
    url,
    { method: method.toUpperCase(), headers, ...(body === undefined ? {} : { body }) },
    sent,
  );
  return "ended" in ending ? { ended: `${service} ${ending.ended}` } : ending;
}

/** A text for addresses, not too long for one, and not empty: then it were another route. */
function wellFormed(random: Random): string {
  return (random.pick(STRINGS) ?? "").slice(0, 200).toWellFormed() || "x";
}

function textOf(names: readonly string[], random: Random): string {
  const kind = random.below(12);
  if (kind === 0) return `${"[".repeat(DEEP)}${"]".repeat(DEEP)}`;
  if (kind === 1) return `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`;
  const text = JSON.stringify(objectOf(names, random, 3));
  if (kind === 2) return text.slice(0, random.below(text.length));
  if (kind === 3) return text.replace(/\d+/, "1e999").replace('":', '" : \t');
  return text;
}

function objectOf(names: readonly string[], random: Random, depth: number): object {
  const fields = Array.from({ length: 1 + random.below(6) }, () => [
    random.pick(names) ?? "x",
    anyOf(names, random, depth),
  ]);
  return Object.fromEntries(fields);
}

function anyOf(names: readonly string[], random: Random, depth: number): unknown {
  const kind = random.below(depth === 0 ? 4 : 7);
  if (kind === 0) return random.pick(NUMBERS);
  if (kind === 1) return random.pick([true, false, null]);
  if (kind < 4) return random.pick(STRINGS);
  if (kind === 4) return objectOf(names, random, depth - 1);
  return Array.from({ length: random.below(kind === 5 ? 3 : 300) }, () => anyOf(names, random, 0));
}
