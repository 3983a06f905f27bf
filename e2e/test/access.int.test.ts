import { readFile } from "node:fs/promises";
import { newId, newUid, type Role, roleAllows } from "@axial/contracts";
import { type Database, openDatabase } from "@axial/store/database";
import { type PostgresServer, startPostgres } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOME_NAMES, type HomeObjects, makeHomeObjects } from "../src/home-objects.ts";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";

const WHOLE_API = new URL("../../services/gateway/open-api.json", import.meta.url);
const ROLES: readonly Role[] = ["reader", "sender", "operator", "admin"];
const METHODS = ["get", "post", "put", "patch", "delete"] as const;

interface Operation {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly role: Role;
}

/** What only admins may touch, whatever else it says of itself. */
const ADMINS_ONLY = /^\/api\/v1\/(keys|tenants|application-entities|audit|retention|webhooks)\b/;

describe("every route of the API", { timeout: 180_000 }, () => {
  let machine: OneMachine;
  let operations: Operation[] = [];
  const keys = new Map<Role, string>();
  let stranger = "";
  let postgres: PostgresServer;
  let db: Database;
  let home: HomeObjects;

  beforeAll(async () => {
    postgres = await startPostgres();
    const databaseUrl = await postgres.createDatabase();
    const environment = {
      AXIAL_DATABASE_URL: databaseUrl,
      AXIAL_DESTINATION_NETWORKS: "127.0.0.1",
    };
    machine = await startOneMachine(undefined, { environment });
    db = openDatabase(databaseUrl);
    operations = await readOperations();
    for (const role of ROLES) keys.set(role, await newKey({ name: role, role }));
    await call("post", "/api/v1/tenants", machine.key, { id: "other" });
    stranger = await newKey({ name: "stranger", role: "admin", tenant: "other" });
    home = await makeHomeObjects((method, path, body) => call(method, path, machine.key, body), db);
    // A key that was right before is not turned away with an address that sends wrong ones.
    for (const key of [...keys.values(), stranger]) await call("get", "/api/v1/studies", key);
  }, 180_000);
  afterAll(async () => {
    await db?.destroy();
    await machine?.stop();
    await postgres?.stop();
  });

  async function readOperations(): Promise<Operation[]> {
    const document = (await (await fetch(`${machine.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { "x-axial-role": Role; security?: unknown[] }>>;
    };
    return Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method];
        if (operation === undefined || isPage(path, operation)) return [];
        return [{ method, path, role: operation["x-axial-role"] }];
      }),
    );
  }

  it("is in the document that the gateway of a cluster serves: run `npm run open-api`", async () => {
    const document: unknown = await (await fetch(`${machine.url}/openapi.json`)).json();
    const committed = await readFile(WHOLE_API, "utf8");
    expect(JSON.parse(committed)).toEqual(document);
  });

  function call(method: string, path: string, key: string | null, body?: object) {
    const file = body instanceof Uint8Array ? new Uint8Array(body) : null;
    const type = file === null ? "application/json" : "application/dicom";
    return fetch(`${machine.url}${path}`, {
      method: method.toUpperCase(),
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": type }),
      },
      ...(body === undefined ? {} : { body: file ?? JSON.stringify(body) }),
    });
  }

  async function newKey(body: object): Promise<string> {
    const made = await call("post", "/api/v1/keys", machine.key, body);
    return ((await made.json()) as { key: string }).key;
  }

  /** The status of an operation about a study, all other parameters naming nothing. */
  async function statusOf(operation: Operation, key: string | null, study = newUid()) {
    const answer = await call(operation.method, filled(operation.path, study), key);
    await answer.body?.cancel();
    return answer.status;
  }

  const each = async (check: (operation: Operation) => Promise<unknown>) => {
    const wrong: string[] = [];
    for (const operation of operations) {
      const found = await check(operation);
      if (found) wrong.push(`${operation.method} ${operation.path}: ${JSON.stringify(found)}`);
    }
    expect(operations.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  };

  it("says which role it needs, and changes need more than a reader's", () =>
    each(async ({ method, path, role }) => {
      if (!ROLES.includes(role)) return role;
      if (ADMINS_ONLY.test(path) && role !== "admin") return role;
      return method !== "get" && role === "reader" && !READERS_MAY.has(path) && role;
    }));

  it("opens to no one without a key, nor with a wrong one", () =>
    each(async (operation) => {
      const statuses = [
        await statusOf(operation, null),
        await statusOf(operation, "axial_wrong_key_0123456789abcdef01234567"),
      ];
      // A caller that keeps sending wrong keys is throttled.
      const [without, wrong = 0] = statuses;
      return (without !== 401 || ![401, 429].includes(wrong)) && statuses;
    }));

  it("opens to its role and those above, and to none below", () =>
    each(async (operation) => {
      const statuses: Partial<Record<Role, number>> = {};
      for (const role of ROLES) {
        const status = await statusOf(operation, keys.get(role) ?? "");
        const fits = roleAllows(role, operation.role)
          ? ![401, 403, 500].includes(status)
          : status === 403;
        if (!fits) statuses[role] = status;
      }
      return Object.keys(statuses).length > 0 && statuses;
    }));

  /** What the home tenant sees of its objects, as far as it stays by itself. */
  async function homesView(): Promise<string[]> {
    const seen = async (path: string) => (await call("get", path, machine.key)).text();
    const { state, hold } = JSON.parse(await seen(`/api/v1/studies/${home.study}`));
    const lists = await Promise.all(OWN_LISTS.map(seen));
    const all = lists.join();
    return [
      ...Object.values(home).filter((id) => all.includes(id)),
      ...Object.values(HOME_NAMES).filter((name) => all.includes(name)),
      JSON.stringify({ state, hold }),
      JSON.parse(await seen(`/api/v1/backfills/${home.backfill}`)).state,
      await seen("/api/v1/tenants/default"),
    ];
  }

  it("shows another tenant's admin nothing of any object, and lets it change none", async () => {
    const before = await homesView();
    // A delivery is retried meanwhile, and all of them are there.
    expect(before.length).toBeGreaterThan(10);
    await each(async (operation) => {
      // It never ends, and says no more than that something of the tenant changed.
      if (operation.path === "/api/v1/events") return false;
      const query = operation.path.includes("/comparison") ? COMPARED : "";
      const url = `${filled(operation.path, home.study, home)}${query}`;
      const answer = await call(operation.method, url, stranger, bodyFor(operation, home));
      const text = await answer.text();
      const asked = `${url} ${JSON.stringify(bodyFor(operation, home) ?? "")}`;
      const shown = Object.entries({ ...home, ...HOME_NAMES }).filter(
        ([, id]) => text.includes(id) && !asked.includes(id),
      );
      if (shown.length > 0) return { shown };
      if (answer.status >= 500) return answer.status;
      if (!namesOne(operation)) return false;
      const nothing = answer.ok && !/[1-9a-f][0-9a-f]{31}/.test(text.replaceAll(home.study, ""));
      return !NOT_THERE.includes(answer.status) && !nothing && `${answer.status} ${text}`;
    });
    expect(await homesView()).toEqual(before);
  });
});

/** Lists of what a tenant has, by which it is seen that nothing went. */
const OWN_LISTS = [
  "/api/v1/keys",
  "/api/v1/destinations",
  "/api/v1/deliveries",
  "/api/v1/sources",
  "/api/v1/pulls",
  "/api/v1/backfills",
  "/api/v1/application-entities",
  "/api/v1/dlq",
  "/api/v1/feedback",
  "/api/v1/studies",
];
const COMPARED = "?a=tiny-brain@1.0.0&b=tiny-brain@1.0.1";
/** Not found, or refused before it is looked for: 406 and 415 of DICOMweb. */
const NOT_THERE = [403, 404, 406, 415];

/** Its path names an object of a tenant. Models and lanes are the installation's. */
function namesOne({ path }: { readonly path: string }): boolean {
  return /\{(study|id|task|source|heatmap|version)\}/.test(path) && !path.includes("/quality/");
}

/** What an operation would do if the object were the caller's. */
function bodyFor({ method, path }: Pick<Operation, "method" | "path">, home: HomeObjects) {
  const bodies: Readonly<Record<string, object>> = {
    "post /api/v1/feedback": { prediction: home.prediction, verdict: "disagree" },
    "post /api/v1/studies/pull": { source: home.source, study: "1.2.3" },
    "post /api/v1/backfills/estimate": { source: home.source },
    "post /api/v1/keys": { name: "x", role: "admin", tenant: "default" },
    "post /api/v1/dlq/replay": { filter: { study: home.study }, all: false, dryRun: true },
    "post /api/v1/application-entities": { calledTitle: "HOMEAE", tenant: "default" },
    "patch /api/v1/lanes/{lane}": { paused: true },
    "patch /api/v1/destinations/{id}": { name: "taken" },
    "patch /api/v1/backfills/{id}": { name: "taken" },
    "put /api/v1/backfills/{id}/items": { items: [{ study: home.study, state: "sent" }] },
    "post /api/v1/backfills/{id}/studies": { studies: [home.study] },
    "post /api/v1/studies/{study}/resolve": { keep: "first", others: "merge" },
    "put /api/v1/studies/{study}/hold": { reason: "the stranger's" },
    "patch /api/v1/tenants/{id}": { weight: 7 },
  };
  return bodies[`${method} ${path}`];
}

/** Pages load without a key: they contain no data. */
function isPage(path: string, { security }: { readonly security?: readonly unknown[] }): boolean {
  return security?.length === 0 && path.startsWith("/console");
}

/** What is known of a list of instances, and a reader's verdict on a prediction. */
const READERS_MAY = new Set([
  "/api/v1/instances/known",
  "/api/v1/feedback",
  "/api/v1/feedback/csv",
  "/api/v1/feedback/fhir",
]);

/** A path with its parameters: those of `home`, or of nothing that is there. */
function filled(path: string, study: string, home: HomeObjects | null = null): string {
  const id = /^\/api\/v1\/([a-z-]+)\/\{/.exec(path)?.[1] ?? "";
  const ids: Readonly<Record<string, string>> =
    home === null
      ? {}
      : {
          ...{ keys: home.key, tenants: "default", backfills: home.backfill, pulls: home.pull },
          ...{ destinations: home.destination, deliveries: home.delivery, dlq: home.deadTask },
          ...{ "application-entities": home.applicationEntity, sources: home.source },
        };
  const values: Record<string, string> = {
    ...{ study, lane: "routine", frames: "1", pool: "all" },
    ...(home === null
      ? { series: newUid(), instance: newUid() }
      : { series: home.series, instance: home.instance, heatmap: home.heatmap }),
  };
  return path.replaceAll(
    /\{([^}]+)\}/g,
    (_all, name: string) =>
      values[name] ??
      (name === "*"
        ? "00100010"
        : (ids[id] ?? (home && name === "model" ? "tiny-brain" : newId()))),
  );
}
