import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackfillView } from "@axial/contracts";
import { eventually, freePort, has, needs, phantomSeries, queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answersInDatabase, rerunsWithoutNews } from "../src/backfill/answers.ts";
import { Axial, answerLine, newestOnce } from "../src/backfill/cli.ts";
import { query } from "../src/chaos/audit/query.ts";
import { type Orthanc, startOrthanc } from "../src/orthanc.ts";
import { type System, startSystem } from "../src/system.ts";

const WITHIN_MS = 240_000;
const STUDIES = 20;
const SLICES = 2;
/** Each tenth is a knee, which the model refuses. */
const KNEE_EVERY = 10;
const KNEES = STUDIES / KNEE_EVERY;
const DAYS = 3;

const backend = queueBackends().find(({ name }) => name === (has("redis") ? "redis" : "postgres"));

describe("a backfill out of Orthanc", needs("orthanc"), () => {
  let system: System;
  let orthanc: Orthanc;
  let axial: Axial;
  let folder: string;

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue backend");
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-backfill-orthanc-"));
    system = await startSystem(backend);
    axial = new Axial({ url: system.url.gateway, key: system.key, folder });
    const ownDimsePort = await freePort();
    const { key, dimsePort } = system;
    const axialPeer = { url: system.url.gateway, key, dimsePort, forwards: false as const };
    orthanc = await startOrthanc({ ...axialPeer, ownDimsePort });
    const dimse = { kind: "dimse", host: "127.0.0.1", port: ownDimsePort, calledTitle: "ORTHANC" };
    await addSource({ ...dimse, name: "by-move", retrieve: "move", parallel: 1 });
    const url = `http://127.0.0.1:${orthanc.port}/dicom-web`;
    await addSource({ kind: "dicomweb", name: "by-web", url, parallel: 1 });
  }, WITHIN_MS * 2);
  afterAll(async () => {
    await orthanc?.stop();
    await system?.stop();
    await rm(folder, { recursive: true, force: true });
  }, WITHIN_MS);

  async function addSource(source: object): Promise<void> {
    const answer = await system.fetch("gateway", "/api/v1/sources", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(source),
    });
    expect(answer.status, await answer.clone().text()).toBe(201);
  }
  const seen = (what: string, is: (found: BackfillView) => boolean) =>
    newestOnce(system, { what, is, withinMs: WITHIN_MS });
  async function stored(studies: readonly string[]): Promise<number> {
    const count = `SELECT count(*)::integer AS n FROM instance JOIN study ON study.id = study_id
      WHERE study_uid = ANY($1)`;
    return (await query<{ n: number }>(system.databaseUrl, count, [studies]))[0]?.n ?? 0;
  }

  /** Studies of a few days of a year, in Orthanc. Returns their UIDs. */
  async function archived(year: number): Promise<string[]> {
    const uids: string[] = [];
    for (let index = 0; index < STUDIES; index += 1) {
      const kind = index % KNEE_EVERY === 0 ? "knee" : "brain";
      const made = phantomSeries({ kind, slices: SLICES, size: 16, seed: year + index });
      const day = `${year}010${1 + (index % DAYS)}`;
      for (const file of made.files) {
        await orthanc.call("/instances", { method: "POST", body: dated(file, day) });
      }
      uids.push(made.studyUid);
    }
    return uids;
  }

  it.each([
    ["by-web", 2001],
    ["by-move", 2002],
  ] as const)(
    "%s: every study has an end though both sides are killed, and the export equals the database",
    async (source, year) => {
      const studies = await archived(year);
      const filter = `from=${year}0101,to=${year}010${DAYS},modality=MR`;
      const flags = ["--name", source, "--models", "tiny-brain", "--yes"];
      await axial.ok("backfill", "start", "--source", source, "--filter", filter, ...flags);

      const some = (least: number) =>
        eventually("some are here", async () => (await stored(studies)) >= least, WITHIN_MS);
      await some(1);
      await system.process("gateway").end("SIGKILL");
      await orthanc.kill();
      await system.start("gateway");
      // Axial is there before its source is.
      await orthanc.start();
      await some(STUDIES);
      await orthanc.kill();
      await system.process("worker").end("SIGKILL");
      await orthanc.start();
      await system.start("worker");

      const done = await seen("it is done", ({ state }) => state === "done");
      expect(done).toMatchObject({ name: source, listed: true });
      expect(done.items).toEqual({
        ...{ waiting: 0, sent: 0, running: 0, failed: 0, skipped: 0 },
        ...{ done: STUDIES - KNEES, refused: KNEES },
      });
      expect(await stored(studies)).toBe(STUDIES * SLICES);
      const rows = await axial.exported(source);
      expect(rows.map(({ study }) => study).toSorted()).toEqual(studies.toSorted());
      const current = (await answersInDatabase(system.databaseUrl)).filter(({ study }) =>
        studies.includes(study),
      );
      expect(rows.map(answerLine).toSorted()).toEqual(current.map(answerLine).toSorted());
      expect(current.filter(({ whole }) => !whole)).toEqual([]);
      expect(await rerunsWithoutNews(system.databaseUrl)).toEqual([]);
    },
    WITHIN_MS * 2,
  );
});

/** The file with another study date of the same length. */
function dated(file: Buffer, day: string): Buffer<ArrayBuffer> {
  const copy = Buffer.from(file);
  copy.write(day, copy.indexOf("20260101"), "latin1");
  return copy;
}
