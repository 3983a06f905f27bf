import { newId, RESULTS_STREAM, type TaskId, type TenantId } from "@axial/contracts";
import { readOutlook } from "@axial/store/dispatch";
import { recordMinute } from "@axial/store/history";
import { eventually } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, as, startApi } from "../support/api.ts";
import { doneMessage, taskResult } from "../support/results.ts";
import { seedStudy } from "../support/seed.ts";

const OTHER = "other" as TenantId;

describe("what operators see over time, and pause", () => {
  let api: Api;

  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api?.stop());

  const get = (url: string, headers = as("operator")) => api.server.inject({ url, headers });
  const patch = (url: string, payload: object, headers = as("admin")) =>
    api.server.inject({ method: "PATCH", url, headers, payload });

  /** A study with an answer that was recorded during the minute before this one. */
  async function answered(lane: "stat" | "routine", seconds: number): Promise<string> {
    const study = await seedStudy(api.stack.db, { lane });
    const [task] = study.tasks as [TaskId];
    const result = { ...taskResult(task), batchSizes: [6] };
    const data = await doneMessage(api.stack, task, { result });
    await api.queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data }]);
    await eventually("the result is recorded", () =>
      api.stack.db
        .selectFrom("prediction")
        .select("id")
        .where("task_id", "=", task)
        .executeTakeFirst(),
    );
    await sql`UPDATE prediction SET created_at = date_trunc('minute', now()) - interval '30 s'
      WHERE task_id = ${task}`.execute(api.stack.db);
    await sql`UPDATE task SET created_at = date_trunc('minute', now()) - interval '30 s'
      - make_interval(secs => ${seconds}) WHERE id = ${task}`.execute(api.stack.db);
    return study.studyUid;
  }

  it("draws waiting, age, results, latency and batch size by lane and by model", async () => {
    await answered("stat", 1.5);
    await answered("routine", 12);
    await seedStudy(api.stack.db, { lane: "backfill", state: "pending", tenant: OTHER });
    const recorded = await api.stack.db.transaction().execute(async (trx) => {
      await sql`DELETE FROM work_sample`.execute(trx);
      await sql`DELETE FROM work_minute`.execute(trx);
      return recordMinute(trx);
    });
    expect(recorded).toBe(true);
    expect(await recordMinute(api.stack.db)).toBe(false);

    const { at, lines, stepSeconds } = (await get("/api/v1/history?range=15m")).json();
    expect([at.length, stepSeconds]).toEqual([15, 60]);
    const last = (name: string) => {
      const line = lines.find((one: { name: string }) => one.name === name);
      const newest = Object.entries(line).filter(([key]) => key !== "name");
      return Object.fromEntries(newest.map(([key, values]) => [key, (values as []).at(-1)]));
    };
    expect(last("stat")).toMatchObject({ resultsPerMinute: 1, waiting: 0, batchSize: 6 });
    expect(last("stat").latencyP50).toBeGreaterThan(1);
    expect(last("stat").latencyP99).toBeLessThanOrEqual(2);
    expect(last("routine").latencyP50).toBeGreaterThan(8);
    expect(last("backfill")).toMatchObject({ waiting: 1, resultsPerMinute: 0, latencyP50: null });
    // Minutes that were not recorded are gaps, not zeros.
    expect(lines[0].waiting.slice(0, -1).every((value: unknown) => value === null)).toBe(true);

    const byModel = (await get("/api/v1/history?range=1h&by=model")).json();
    expect(byModel.lines).toMatchObject([{ name: "tiny-brain" }]);
    const theirs = (await get("/api/v1/history?range=15m", as("operator", OTHER))).json();
    const results = theirs.lines.flatMap(
      ({ resultsPerMinute }: { resultsPerMinute: number[] }) => resultsPerMinute,
    );
    expect(Math.max(...results)).toBe(0);
    expect((await get("/api/v1/history", as("reader"))).statusCode).toBe(403);
  });

  it("pauses a lane for everyone, says so, and resumes it", async () => {
    const study = await seedStudy(api.stack.db, { lane: "backfill", state: "pending" });
    expect((await readOutlook(api.stack.db)).due).toHaveProperty("backfill");
    const url = "/api/v1/lanes/backfill";
    expect((await patch(url, { paused: true }, as("operator"))).statusCode).toBe(403);
    expect((await patch(url, { paused: true }, as("admin", OTHER))).statusCode).toBe(403);
    expect((await patch("/api/v1/lanes/express", { paused: true })).statusCode).toBe(400);
    expect((await patch(url, { paused: true, reason: "disk" })).statusCode).toBe(204);

    expect((await readOutlook(api.stack.db)).due).not.toHaveProperty("backfill");
    const { lanes } = (await get("/api/v1/lanes")).json();
    expect(lanes.find((one: { lane: string }) => one.lane === "backfill")).toMatchObject({
      paused: true,
      oldestSeconds: 0,
    });
    const why = (await get(`/api/v1/studies/${study.studyUid}/why`)).json();
    expect(why.throttles).toEqual(["lane-paused"]);

    expect((await patch(url, { paused: false })).statusCode).toBe(204);
    expect((await readOutlook(api.stack.db)).due).toHaveProperty("backfill");
    const audited = await api.stack.db
      .selectFrom("audit")
      .select(["action", "detail"])
      .where("action", "like", "lane.%")
      .orderBy("id")
      .execute();
    expect(audited).toEqual([
      { action: "lane.pause", detail: { reason: "disk" } },
      { action: "lane.resume", detail: {} },
    ]);
  });

  it("finds studies by patient, accession, date, label, model and site", async () => {
    const uid = await answered("routine", 1);
    await sql`UPDATE study SET tags = ${JSON.stringify({
      "00100020": { vr: "LO", Value: ["P-77"] },
      "00080050": { vr: "SH", Value: ["A-5"] },
      "00080020": { vr: "DA", Value: ["20240229"] },
    })}::jsonb WHERE study_uid = ${uid}`.execute(api.stack.db);
    await sql`UPDATE series SET tags = ${JSON.stringify({
      "00080080": { vr: "LO", Value: ["St. Elsewhere"] },
    })}::jsonb FROM study WHERE study.id = series.study_id AND study_uid = ${uid}`.execute(
      api.stack.db,
    );
    const found = async (query: string) =>
      (await get(`/api/v1/studies?${query}`))
        .json()
        .studies.map((one: { study: string }) => one.study);
    for (const query of [
      ...["patient=P-77", "accession=A-5", "from=2024-02-29&to=2024-02-29"],
      ...["site=St.%20Elsewhere", "label=dark&patient=P-77", "model=tiny-brain&accession=A-5"],
    ]) {
      expect([query, await found(query)]).toEqual([query, [uid]]);
    }
    for (const query of ["patient=P-7", "from=2024-03-01", "label=bright", "site=Elsewhere"]) {
      expect([query, await found(query)]).toEqual([query, []]);
    }
    expect((await get("/api/v1/studies?from=yesterday")).statusCode).toBe(400);
  });

  it("tells a tenant's pages that something changed, and no other tenant's", async () => {
    const address = await api.server.listen({ host: "127.0.0.1", port: 0 });
    const open = async (tenant?: TenantId) => {
      const leave = new AbortController();
      const { body } = await fetch(`${address}/api/v1/events`, {
        headers: as("reader", tenant),
        signal: leave.signal,
      });
      return { leave, reader: (body as ReadableStream<Uint8Array>).getReader() };
    };
    const [own, theirs] = await Promise.all([open(), open(OTHER)]);
    const text = async ({ reader }: typeof own) =>
      new TextDecoder().decode((await reader.read()).value);
    expect(await text(own)).toBe(": listening\n\n");
    expect(await text(theirs)).toBe(": listening\n\n");
    await answered("stat", 1);
    expect(await text(own)).toBe("event: changed\ndata: {}\n\n");
    expect(await text(theirs)).toBe(": still here\n\n");
    own.leave.abort();
    theirs.leave.abort();
  });

  it("says what a key is good for", async () => {
    expect((await get("/api/v1/me", as("reader", OTHER))).json()).toEqual({
      tenant: OTHER,
      role: "reader",
      home: false,
    });
  });
});
