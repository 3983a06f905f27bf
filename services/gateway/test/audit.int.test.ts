import { eventually, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { multipart, post } from "./stow.ts";

const bodyOf = (files: readonly Uint8Array[]) => new Uint8Array(multipart(files));

describe("the audit at the door", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.close());

  const entries = (action: string) =>
    gateway.db.selectFrom("audit").selectAll().where("action", "=", action).orderBy("id").execute();

  test("has who stored how many instances of which study, before the sender is answered", async () => {
    const { files } = phantomSeries({ kind: "brain", slices: 4 });
    const studies = await gateway.db.selectFrom("study").select("id").execute();
    expect(studies).toEqual([]);
    await post(gateway, "/dicom-web/studies", { body: bodyOf(files.slice(0, 3)) });
    const [study] = await gateway.db.selectFrom("study").select("id").execute();
    const stored = { target: study?.id, outcome: "success", address: "127.0.0.1" };
    expect(await entries("study.store")).toMatchObject([{ ...stored, detail: { instances: 3 } }]);
    // What follows within the minute is counted, and written by the end of it.
    await post(gateway, "/dicom-web/studies", { body: bodyOf(files.slice(3)) });
    expect(await entries("study.store")).toHaveLength(1);
    await gateway.audit.close();
    const all = await eventually("the count is written", async () => {
      const found = await entries("study.store");
      return found.length === 2 ? found : null;
    });
    expect(all[1]).toMatchObject({ ...stored, detail: { instances: 1, repeated: 1 } });
  });

  test("has holds and keys with the reason that was given", async () => {
    const study = await gateway.db
      .selectFrom("study")
      .select("study_uid")
      .executeTakeFirstOrThrow();
    const ask = (method: string, path: string, body?: object) =>
      fetch(`${gateway.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${gateway.key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    await ask("PUT", `/studies/${study.study_uid}/hold`, { reason: "case 7" });
    await ask("DELETE", `/studies/${study.study_uid}/hold?reason=closed`);
    const made = await ask("POST", "/keys", { name: "PACS", role: "sender", reason: "ticket 12" });
    const { id } = (await made.json()) as { id: string };
    await ask("DELETE", `/keys/${id}?reason=moved`);
    expect(await entries("study.hold")).toMatchObject([{ detail: { reason: "case 7" } }]);
    expect(await entries("study.release")).toMatchObject([{ detail: { reason: "closed" } }]);
    expect((await entries("key.create")).at(-1)).toMatchObject({
      target: id,
      detail: { role: "sender", name: "PACS", reason: "ticket 12" },
    });
    expect(await entries("key.revoke")).toMatchObject([
      { target: id, detail: { reason: "moved" } },
    ]);
  });

  test("has wrong keys, once for many alike, and never their text", async () => {
    const wrong = `wrong-${"x".repeat(20)}`;
    for (let tries = 0; tries < 5; tries += 1) {
      const answer = await post({ ...gateway, key: wrong }, "/dicom-web/studies", { body: "" });
      expect(answer.status).toBe(401);
    }
    const found = await entries("login");
    expect(found).toMatchObject([
      { outcome: "refused", address: "127.0.0.1", detail: { reason: "unknown-key" } },
    ]);
    expect(JSON.stringify(found)).not.toContain(wrong);
  });
});
