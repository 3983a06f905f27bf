import { readFile } from "node:fs/promises";
import { newId, newUid, type Role, roleAllows } from "@axial/contracts";
import { phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
  let stored = { study: "", series: "" };

  beforeAll(async () => {
    machine = await startOneMachine();
    operations = await readOperations();
    for (const role of ROLES) keys.set(role, await newKey({ name: role, role }));
    await call("post", "/api/v1/tenants", machine.key, { id: "other" });
    stranger = await newKey({ name: "stranger", role: "admin", tenant: "other" });
    stored = await store();
    // A key that was right before is not turned away with an address that sends wrong ones.
    for (const key of [...keys.values(), stranger]) await call("get", "/api/v1/studies", key);
  }, 180_000);
  afterAll(() => machine?.stop());

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
    return fetch(`${machine.url}${path}`, {
      method: method.toUpperCase(),
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function newKey(body: object): Promise<string> {
    const made = await call("post", "/api/v1/keys", machine.key, body);
    return ((await made.json()) as { key: string }).key;
  }

  /** A study of the home tenant. */
  async function store() {
    const {
      studyUid: study,
      seriesUid: series,
      files,
    } = phantomSeries({ kind: "brain", slices: 1, size: 32 });
    const answer = await fetch(`${machine.url}/dicom-web/studies`, {
      method: "POST",
      headers: { authorization: `Bearer ${machine.key}`, "content-type": "application/dicom" },
      body: new Uint8Array(files[0] ?? []),
    });
    expect(answer.status).toBe(200);
    return { study, series };
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
      // Who sends wrong keys one after another is turned away.
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

  it("shows another tenant nothing of a study", () =>
    each(async (operation) => {
      if (operation.path.includes("{study}")) {
        const url = filled(operation.path, stored.study);
        const answer = await call(operation.method, url, stranger);
        const text = await answer.text();
        // Refused before it is looked for, not found, or an empty list.
        const nothing = answer.status === 200 && !text.includes(stored.series);
        return !nothing && ![400, 403, 404, 406, 415].includes(answer.status) && answer.status;
      }
      // It never ends, and says no more than that something of the tenant changed.
      if (operation.method !== "get" || operation.path === "/api/v1/events") return false;
      const answer = await call("get", filled(operation.path, newUid()), stranger);
      return (await answer.text()).includes(stored.study) && "names the study";
    }));
});

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

function filled(path: string, study: string): string {
  const values: Record<string, string> = { study, lane: "routine", frames: "1", pool: "all" };
  return path.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => {
    if (name === "series" || name === "instance") return newUid();
    return values[name] ?? (name === "*" ? "00100010" : newId());
  });
}
