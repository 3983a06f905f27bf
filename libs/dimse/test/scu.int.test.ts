import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { instanceFacts, readInstance, Tag } from "@axial/dicom";
import {
  type DcmtkArchive,
  freePort,
  needs,
  phantomSeries,
  startDcmtkArchive,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  echo,
  find,
  findAll,
  get,
  listenDimse,
  move,
  type Peer,
  sendInstances,
} from "../src/index.ts";

describe("an SCU against dcmtk's archive", needs("dcmtk"), () => {
  let archive: DcmtkArchive;
  let peer: Peer;
  let ownPort: number;
  const { files, studyUid } = phantomSeries({ kind: "brain", slices: 4, size: 64 });

  beforeAll(async () => {
    ownPort = await freePort();
    archive = await startDcmtkArchive(ownPort);
    const { port } = archive;
    peer = { host: "127.0.0.1", port, calledAeTitle: "ARCHIVE", callingAeTitle: "AXIAL" };
  });
  afterAll(() => archive?.stop());

  test("sends instances that arrive as they lie in their files", async () => {
    const outcomes = await sendInstances(peer, files);
    expect(outcomes.map(({ status }) => status)).toEqual(files.map(() => 0));
    const stored = (await readdir(archive.folder)).filter((name) => /^MR/.test(name));
    expect(stored).toHaveLength(files.length);
    const pixels = (bytes: Buffer) =>
      readInstance(bytes).dataset.elements.get(Tag.PixelData)?.length ?? 0;
    const copies = await Promise.all(stored.map((name) => readFile(join(archive.folder, name))));
    const names = copies.map((bytes) => instanceFacts(readInstance(bytes)).sopInstanceUid);
    const sent = files.map((bytes) => instanceFacts(readInstance(bytes)).sopInstanceUid);
    expect(names.toSorted()).toEqual(sent.toSorted());
    expect(copies.map(pixels)).toEqual(copies.map(() => 64 * 64 * 2));
  });

  test("finds the study, and moves it to another port of ours", async () => {
    const matches = await find(peer, { level: "STUDY", keys: { StudyInstanceUID: studyUid } });
    expect(matches).toHaveLength(1);
    expect(matches[0]?.StudyInstanceUID).toBe(studyUid);
    let received = 0;
    const server = await listenDimse({
      host: "127.0.0.1",
      port: ownPort,
      associate: async () => ({
        status: "accepted",
        session: {
          store: async ({ body }) => {
            for await (const _chunk of body);
            received += 1;
            return { status: 0 };
          },
          commit: async (request) => ({ ...request, failed: [] }),
          committed: async () => false,
          reportLater: () => {},
          end: () => {},
        },
      }),
      trouble: () => {},
    });
    try {
      const moved = await move(peer, { studyUid, destination: "AXIAL" });
      expect(moved).toEqual({ completed: files.length, failed: 0, warnings: 0 });
      expect(received).toBe(files.length);
    } finally {
      await server.close();
    }
  });

  const uidsOf = (instances: readonly Buffer[]) =>
    instances.map((bytes) => instanceFacts(readInstance(bytes)).sopInstanceUid).toSorted();

  test("lists what is in a study, also where the archive does not know every key", async () => {
    const [series] = await find(peer, {
      level: "SERIES",
      keys: { StudyInstanceUID: studyUid, SeriesInstanceUID: "" },
    });
    const seriesUid = String(series?.SeriesInstanceUID);
    // Answers to a key that it does not know are FF01, pending with a warning.
    const keys = {
      StudyInstanceUID: studyUid,
      SeriesInstanceUID: seriesUid,
      SOPInstanceUID: "",
      ShutterShape: "",
    };
    const matches = await findAll(peer, [
      { level: "IMAGE", keys },
      { level: "IMAGE", keys: { ...keys, SeriesInstanceUID: "1.2.3" } },
    ]);
    expect(matches.map((match) => String(match.SOPInstanceUID)).toSorted()).toEqual(uidsOf(files));
  });

  test("gets a study, and instances of a series, on the association that asks", async () => {
    const received: Buffer[] = [];
    const facts = instanceFacts(readInstance(files[0] ?? Buffer.of()));
    const wanted = {
      studyUid,
      sopClasses: [facts.sopClassUid],
      store: async ({ body }: { body: AsyncIterable<Buffer> }) => {
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(chunk);
        received.push(Buffer.concat(chunks));
        return { status: 0 };
      },
    };
    expect(await get(peer, wanted)).toMatchObject({
      status: "done",
      counts: { completed: files.length, failed: 0 },
    });
    expect(uidsOf(received)).toEqual(uidsOf(files));
    received.length = 0;
    const two = uidsOf(files).slice(1, 3);
    await get(peer, { ...wanted, seriesUid: facts.seriesUid, sopInstanceUids: two });
    expect(uidsOf(received)).toEqual(two);
  });

  test("tells the archive of an instance that could not be stored", async () => {
    const facts = instanceFacts(readInstance(files[0] ?? Buffer.of()));
    let first = true;
    const outcome = await get(peer, {
      studyUid,
      sopClasses: [facts.sopClassUid],
      store: async ({ body }) => {
        for await (const _chunk of body);
        const status = first ? 0xa700 : 0;
        first = false;
        return { status };
      },
    });
    expect(outcome).toMatchObject({
      status: "done",
      counts: { failed: 1, completed: files.length - 1 },
    });
  });

  test("rejects with a code when nothing listens, and when the peer knows no such title", async () => {
    const away = { ...peer, port: await freePort() };
    await expect(echo(away)).rejects.toMatchObject({ code: "peer-unreachable" });
    const other = { ...peer, calledAeTitle: "NOBODY" };
    await expect(echo(other)).rejects.toMatchObject({ code: "peer-rejected" });
    const unknown = move(peer, { studyUid, destination: "ELSEWHERE" });
    await expect(unknown).rejects.toMatchObject({ code: "peer-refused" });
  });
});
