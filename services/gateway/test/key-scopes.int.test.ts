import { eventually, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

/** The one that is installed, and one that a key is for. */
const MODEL = "tiny-brain";
const OTHER = "tiny-knee";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

async function ask(path: string, body: object | null, key = gateway.key, method = "POST") {
  const response = await fetch(`${gateway.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === null ? {} : { "content-type": "application/json" }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

async function keyFor(fields: object): Promise<string> {
  const made = await ask("/keys", { name: "scoped", role: "admin", ...fields });
  expect(made).toMatchObject({ status: 201, body: fields });
  return made.body.key;
}

const study = () => phantomSeries({ kind: "brain", slices: 1, size: 16 });
const rowOf = (uid: string) =>
  gateway.db
    .selectFrom("study")
    .select(["lane", "requested_models"])
    .where("study_uid", "=", uid)
    .executeTakeFirstOrThrow();

describe("a key for a lane", () => {
  test("sends to it by default and to no other", async () => {
    const key = await keyFor({ lanes: ["backfill"] });
    const { files, studyUid } = study();
    expect((await stow({ url: gateway.url, key }, files)).status).toBe(200);
    expect((await rowOf(studyUid)).lane).toBe("backfill");
    const refused = await stow({ url: gateway.url, key }, study().files, { "axial-lane": "stat" });
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const image = await fetch(`${gateway.url}/api/v1/images?model=${MODEL}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "axial-lane": "routine" },
      body: new Uint8Array(study().files[0] ?? []),
    });
    expect(image.status).toBe(403);
  });

  test("starts no backfill for another", async () => {
    const key = await keyFor({ lanes: ["routine"] });
    const backfill = { name: "x", source: "sent", sourceKey: "x" };
    expect((await ask("/backfills", backfill, key)).status).toBe(403);
  });
});

describe("a key for a model", () => {
  test("asks it by default and no other", async () => {
    const key = await keyFor({ models: [OTHER] });
    const { files, studyUid } = study();
    expect((await stow({ url: gateway.url, key }, files)).status).toBe(200);
    expect((await rowOf(studyUid)).requested_models).toEqual([OTHER]);
    const other = await stow({ url: gateway.url, key }, study().files, { "axial-models": MODEL });
    expect(other).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await ask(`/images?model=${MODEL}`, {}, key)).status).toBe(403);
    const rerun = await ask(`/studies/${studyUid}/rerun`, { models: [MODEL] }, key);
    expect(rerun.status).toBe(403);
  });
});

test("a key for AE titles sets up and removes only entities of these", async () => {
  const key = await keyFor({ aeTitles: ["CARDIO"] });
  expect((await ask("/application-entities", { calledTitle: "NEURO" }, key)).status).toBe(403);
  const neuro = await ask("/application-entities", { calledTitle: "NEURO" });
  const path = `/application-entities/${neuro.body.id}`;
  expect((await ask(path, null, key, "DELETE")).status).toBe(404);
  const own = await ask("/application-entities", { calledTitle: "CARDIO" }, key);
  expect(own.status).toBe(201);
  const gone = await ask(`/application-entities/${own.body.id}`, null, key, "DELETE");
  expect(gone.status).toBe(204);
});

test("a key makes none that may do more", async () => {
  const key = await keyFor({ lanes: ["backfill", "routine"] });
  const wider = { name: "x", role: "sender", lanes: ["stat"] };
  expect((await ask("/keys", wider, key)).status).toBe(403);
  const same = await ask("/keys", { name: "x", role: "sender" }, key);
  expect(same.body.lanes).toEqual(["backfill", "routine"]);
  const narrower = await ask("/keys", { name: "x", role: "sender", lanes: ["routine"] }, key);
  expect(narrower.body.lanes).toEqual(["routine"]);
});

test("a key opens nothing once it has expired, and the audit says so", async () => {
  const past = { name: "x", role: "reader", expiresAt: "2020-01-01T00:00:00Z" };
  expect((await ask("/keys", past)).status).toBe(400);
  const key = await keyFor({ expiresAt: new Date(Date.now() + 2_000).toISOString() });
  expect((await ask("/keys", null, key, "GET")).status).toBe(200);
  await eventually("it has expired", async () => {
    return (await ask("/keys", null, key, "GET")).status === 401;
  });
  const { keys } = (await ask("/keys", null, gateway.key, "GET")).body;
  expect(keys.some((one: { expiresAt: string | null }) => one.expiresAt !== null)).toBe(true);
  const refused = gateway.db.selectFrom("audit").select("detail").where("action", "=", "login");
  const details = (await refused.execute()).map(({ detail }) => detail);
  expect(details).toContainEqual({ reason: "expired-key" });
});
