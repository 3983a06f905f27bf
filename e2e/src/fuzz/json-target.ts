import type { Random } from "@axial/dicom/fuzz";
import type { System } from "../system.ts";
import { type Ending, request, type Target } from "./target.ts";

interface Operation {
  readonly service: "gateway" | "results";
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
/** They end what the others are asked about, or take a minute. */
const LEFT_OUT =
  /\/(retention|events|close|cancel|discard)|^\/dicom-web|\/images$|^\/(livez|readyz|metrics|docs|openapi)/;
const STRINGS = [
  ...["", "x", "default", "routine", "admin", "1.2.3", "tiny-brain", "2026-01-01T00:00:00Z"],
  ...["\0", "\ud800", "'; DROP TABLE study; --", "../../etc/passwd", "a".repeat(70_000), "𝒳", "*"],
  ...["1e999", "-1", "null", "[]", "__proto__", "0".repeat(32), "http://127.0.0.1:1/", "٣"],
];
const NUMBERS = [0, -1, 1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 1e21];
const DEEP = 2_000;

/** Bodies and queries of every JSON route, of wrong types and sizes. */
export function jsonTarget(): Target {
  let known: Promise<readonly Operation[]> | null = null;
  return {
    name: "json",
    send: async (system, random) => {
      known ??= readOperations(system);
      const operation = random.pick(await known);
      if (operation === undefined) throw new Error("no operations");
      return ask(system, operation, random);
    },
  };
}

async function readOperations(system: System): Promise<readonly Operation[]> {
  const found: Operation[] = [];
  for (const service of ["gateway", "results"] as const) {
    const answer = await fetch(`${system.url[service]}/openapi.json`);
    if (!answer.ok) continue;
    const { paths } = (await answer.json()) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
    };
    for (const [path, item] of Object.entries(paths)) {
      for (const method of METHODS) {
        const operation = item[method];
        if (operation === undefined || LEFT_OUT.test(path)) continue;
        found.push({ service, method, path, names: namesOf(operation) });
      }
    }
  }
  return [...found, ...STATIC];
}

/** Every name that a schema has somewhere, and those of the parameters. */
function namesOf({ requestBody, parameters = [] }: OpenApiOperation): readonly string[] {
  const text = JSON.stringify(requestBody ?? {});
  const named = [...text.matchAll(/"(\w{1,40})":\{/g)].map(([, name = ""]) => name);
  return [...named, ...parameters.map(({ name }) => name), "__proto__", "constructor"];
}

/** Of results, which describes itself only beside the gateway. */
const STATIC: readonly Operation[] = [
  ...[
    "/api/v1/studies",
    "/api/v1/results",
    "/api/v1/dlq",
    "/api/v1/deliveries",
    "/api/v1/audit",
  ].map((path) => ({
    ...{ service: "results" as const, method: "get", path },
    names: ["limit", "cursor", "state", "patientName", "label", "model", "since", "until"],
  })),
  ...["/api/v1/destinations", "/api/v1/feedback"].map((path) => ({
    ...{ service: "results" as const, method: "post", path },
    names: ["kind", "name", "url", "formats", "when", "models", "prediction", "verdict", "comment"],
  })),
];

function ask(
  system: System,
  { service, method, path, names }: Operation,
  random: Random,
): Promise<Ending> {
  const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(wellFormed(random)));
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
  return request(
    url,
    { method: method.toUpperCase(), headers, ...(body === undefined ? {} : { body }) },
    sent,
  );
}

/** A text for addresses, not too long for one. */
function wellFormed(random: Random): string {
  return (random.pick(STRINGS) ?? "").slice(0, 200).toWellFormed();
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
