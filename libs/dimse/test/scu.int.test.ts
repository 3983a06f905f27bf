import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { instanceFacts, readInstance, Tag } from "@axial/dicom";
import { eventually, freePort, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { echo, find, listenDimse, move, type Peer, sendInstances } from "../src/index.ts";

const run = promisify(execFile);
const hasDcmtk = await run("dcmqrscp", ["--version"]).then(
  () => true,
  () => false,
);

describe.skipIf(!hasDcmtk)("an SCU against dcmtk's archive", () => {
  let folder: string;
  let archive: ChildProcess;
  let peer: Peer;
  let ownPort: number;
  const { files, studyUid } = phantomSeries({ kind: "brain", slices: 4, size: 64 });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-dimse-scu-"));
    const port = await freePort();
    ownPort = await freePort();
    const config = join(folder, "dcmqrscp.cfg");
    await writeFile(
      config,
      [
        `NetworkTCPPort = ${port}`,
        "MaxPDUSize = 16384",
        "MaxAssociations = 16",
        "HostTable BEGIN",
        `axial = (AXIAL, 127.0.0.1, ${ownPort})`,
        "HostTable END",
        "VendorTable BEGIN",
        "VendorTable END",
        "AETable BEGIN",
        `ARCHIVE ${folder} RW (200, 1024mb) ANY`,
        "AETable END",
        "",
      ].join("\n"),
    );
    archive = spawn("dcmqrscp", ["-c", config], { stdio: "ignore", detached: true });
    peer = { host: "127.0.0.1", port, calledAeTitle: "ARCHIVE", callingAeTitle: "AXIAL" };
    await eventually(
      "dcmqrscp answers",
      () =>
        echo(peer).then(
          () => true,
          () => false,
        ),
      30_000,
    );
  });
  afterAll(async () => {
    // It forks for each association: the whole group is ended.
    if (archive?.pid !== undefined) process.kill(-archive.pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  test("sends instances that arrive as they lie in their files", async () => {
    const outcomes = await sendInstances(peer, files);
    expect(outcomes.map(({ status }) => status)).toEqual(files.map(() => 0));
    const stored = (await readdir(folder)).filter((name) => /^MR/.test(name));
    expect(stored).toHaveLength(files.length);
    const pixels = (bytes: Buffer) =>
      readInstance(bytes).dataset.elements.get(Tag.PixelData)?.length ?? 0;
    const copies = await Promise.all(stored.map((name) => readFile(join(folder, name))));
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

  test("rejects with a code when nothing listens, and when the peer knows no such title", async () => {
    const away = { ...peer, port: await freePort() };
    await expect(echo(away)).rejects.toMatchObject({ code: "peer-unreachable" });
    const other = { ...peer, calledAeTitle: "NOBODY" };
    await expect(echo(other)).rejects.toMatchObject({ code: "peer-rejected" });
    const unknown = move(peer, { studyUid, destination: "ELSEWHERE" });
    await expect(unknown).rejects.toMatchObject({ code: "peer-refused" });
  });
});
