import { newUid } from "@axial/contracts";
import { eventually } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE, phantom, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { post, stow } from "./stow.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const { runsOf, planned, tasksOf } = plansOf(() => gateway);

describe("acting on a study", () => {
  const act = (studyUid: string, action: string, headers = {}) =>
    post(gateway, `/api/v1/studies/${studyUid}/${action}`, {
      body: "{}",
      headers: { "content-type": "application/json", ...headers },
    });

  test("close, rerun and cancel", async () => {
    const { studyUid, files } = phantom(10);
    await stow(gateway, files);
    expect((await act(studyUid, "close")).status).toBe(200);
    await planned(studyUid);
    expect((await act(studyUid, "rerun")).status).toBe(200);
    const runs = await planned(studyUid, 2);
    expect(runs[1]).toMatchObject({ reason: "rerun", number: 2 });
    const cancelled = await act(studyUid, "cancel");
    expect(cancelled.body).toMatchObject({ state: "cancelled" });
    expect((await tasksOf(runs[1]?.id))[0]?.state).toBe("cancelled");
    expect((await act(newUid(), "close")).status).toBe(404);
  });

  test("the same Idempotency-Key acts once", async () => {
    const { studyUid, files } = phantom(11);
    await stow(gateway, files, CLOSE);
    await planned(studyUid);
    const key = { "idempotency-key": "rerun-11" };
    const [first] = [await act(studyUid, "rerun", key)];
    await planned(studyUid, 2);
    const again = await act(studyUid, "rerun", key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await runsOf(studyUid)).toHaveLength(2);
    expect((await act(studyUid, "cancel", key)).status).toBe(409);
  });
});

describe("the same Idempotency-Key at the same moment", () => {
  const rerun = (studyUid: string, key: string) =>
    post(gateway, `/api/v1/studies/${studyUid}/rerun`, {
      body: "{}",
      headers: { "content-type": "application/json", "idempotency-key": key },
    });

  test("acts once, and gives its answer to all", async () => {
    const { studyUid, files } = phantom(12);
    await stow(gateway, files, CLOSE);
    await planned(studyUid);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => rerun(studyUid, "at-once-12")),
    );
    const first = { status: 200, body: { study: studyUid, state: "closed" } };
    for (const answer of answers) expect(answer).toMatchObject(first);
    await planned(studyUid, 2);
    expect(await rerun(studyUid, "at-once-12")).toMatchObject(first);
    expect(await runsOf(studyUid)).toHaveLength(2);
  });

  test("acts when the first request was lost half done, and only then", async () => {
    const { studyUid, files } = phantom(13);
    await stow(gateway, files, CLOSE);
    await planned(studyUid);
    const lost = await gateway.db.transaction().execute(async (trx) => {
      await sql`LOCK TABLE audit IN ACCESS EXCLUSIVE MODE`.execute(trx);
      const answer = rerun(studyUid, "lost-13");
      await eventually("its connection is cut while it waits", async () => {
        const { rows } = await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query ILIKE '%insert into audit%'`.execute(gateway.db);
        return rows.length > 0;
      });
      return answer;
    });
    expect(lost.status).toBe(503);
    expect((await rerun(studyUid, "lost-13")).status).toBe(200);
    await planned(studyUid, 2);
    expect(await runsOf(studyUid)).toHaveLength(2);
  });
});
