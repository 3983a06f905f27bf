import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HOME_TENANT, newUid, type StudyId } from "@axial/contracts";
import { readInstance } from "@axial/dicom";
import {
  type CommitmentResult,
  echo,
  listenDimse,
  type Peer,
  requestCommitment,
  sendInstances,
} from "@axial/dimse";
import { oweReport, postponeReport } from "@axial/store/delivery";
import {
  associationRequest,
  Certificates,
  eventually,
  phantomSeries,
  storeRequest,
  writePart10,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AdmissionGate } from "../src/admission/admission-gate.ts";
import { createDependencies } from "../src/dependencies.ts";
import { openDimseDoor } from "../src/dimse/dimse-door.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

const MR = "1.2.840.10008.5.1.4.1.1.4";
const CT = "1.2.840.10008.5.1.4.1.1.2";
/** PS3.8 9.3.6 */
const RELEASE = Buffer.from("05000000000400000000", "hex");
/** PS3.8 9.3.3 */
const A_ASSOCIATE_AC = 0x02;

describe("the C-STORE door", () => {
  let gateway: TestGateway;
  let peer: Peer;

  beforeAll(async () => {
    gateway = await startGateway({ dimse: { host: "127.0.0.1", port: 0, defaultTitle: "AXIAL" } });
    peer = {
      host: "127.0.0.1",
      port: gateway.dimsePort,
      calledAeTitle: "AXIAL",
      callingAeTitle: "MODALITY",
    };
  });
  afterAll(() => gateway?.close());

  async function entity(body: object): Promise<Response> {
    return fetch(`${gateway.url}/api/v1/application-entities`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  const studyRow = (uid: string) =>
    gateway.db
      .selectFrom("study")
      .select(["id", "state", "lane", "close_reason"])
      .where("study_uid", "=", uid)
      .executeTakeFirst();

  test("takes a series the way STOW-RS does, and the same again without harm", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 4, size: 64 });
    for (let round = 0; round < 2; round += 1) {
      const outcomes = await sendInstances(peer, files);
      expect(outcomes.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    }
    expect((await stow(gateway, files)).status).toBe(200);
    const { count } = await gateway.db
      .selectFrom("instance")
      .innerJoin("study", "study.id", "instance.study_id")
      .select((query) => query.fn.countAll<string>().as("count"))
      .where("study_uid", "=", studyUid)
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBe(4);
  });

  test("takes objects without pixels of their own", async () => {
    const elements = {
      ...{ SOPClassUID: MR, SOPInstanceUID: newUid(), StudyInstanceUID: newUid() },
      ...{ SeriesInstanceUID: newUid(), Modality: "MR", Rows: 8, Columns: 8 },
    };
    const byReference = {
      SOPInstanceUID: newUid(),
      PixelDataProviderURL: "http://example.org/jpip",
    };
    const files = [elements, { ...elements, ...byReference }];
    const outcomes = await sendInstances(
      peer,
      files.map((each) => writePart10({ elements: each })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
  });

  test("refuses a file that was cut before its image, with the reason", async () => {
    const [file = Buffer.of()] = phantomSeries({ kind: "brain", slices: 1, size: 32 }).files;
    // Between two elements: nothing but what is missing shows it.
    const cut = file.subarray(0, file.indexOf(Buffer.from("28001000", "hex")));
    const outcomes = await sendInstances(peer, [cut]);
    expect(outcomes).toMatchObject([{ status: 0xc002, comment: "truncated-data-set" }]);
  });

  describe("a command", () => {
    const [file = Buffer.of()] = phantomSeries({
      kind: "brain",
      slices: 1,
      size: 32,
      seed: 3,
    }).files;
    const { bytes, sopInstanceUid } = datasetOf(file);

    test.each([
      ["what it is", { sopClassUid: MR, sopInstanceUid }, 0x0000],
      ["another instance: refused", { sopClassUid: MR, sopInstanceUid: "1.2.3.4" }, 0x0117],
      ["another class: refused", { sopClassUid: CT, sopInstanceUid }, 0xa900],
    ])("names %s", async (_what, named, status) => {
      const socket = connect(gateway.dimsePort, "127.0.0.1");
      try {
        socket.write(associationRequest("AXIAL", "MODALITY", named.sopClassUid));
        await once(socket, "data");
        socket.write(storeRequest({ ...named, dataset: bytes }));
        const [answer] = (await once(socket, "data")) as [Buffer];
        expect(statusOf(answer)).toBe(status);
      } finally {
        socket.destroy();
      }
    });
  });

  test("a class that its presentation context has not agreed on is refused", async () => {
    const [file = Buffer.of()] = phantomSeries({
      kind: "brain",
      slices: 1,
      size: 32,
      seed: 4,
    }).files;
    const { bytes, sopInstanceUid } = datasetOf(file);
    const socket = connect(gateway.dimsePort, "127.0.0.1");
    socket.write(associationRequest("AXIAL", "MODALITY", CT));
    await once(socket, "data");
    socket.write(storeRequest({ sopClassUid: MR, sopInstanceUid, dataset: bytes }));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(statusOf(answer)).toBe(0x0122);
    socket.destroy();
  });

  test("beyond the high-water mark associations that would store are rejected, for now", async () => {
    const { metrics, logger, ...rest } = createDependencies(gateway.wiring);
    const disk = { name: "disk", what: "the disk", read: async () => ({ level: 0.95 }) };
    const gate = new AdmissionGate([disk], { metrics, logger });
    const entrance = { host: "127.0.0.1", port: 0 };
    const door = await openDimseDoor({ ...rest, metrics, logger, gate }, entrance);
    if (door === null) throw new Error("a door");
    try {
      const at = { ...peer, port: door.port };
      const { files } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed: 6 });
      await expect(sendInstances(at, files)).rejects.toMatchObject({
        ...{ code: "peer-rejected", detail: expect.stringContaining("source 3, reason 1") },
      });
      await expect(echo(at)).resolves.toBeUndefined();
      await entity({ calledTitle: "AXIAL_OPEN", lane: "stat" });
      const urgent = await sendInstances({ ...at, calledAeTitle: "AXIAL_OPEN" }, files);
      expect(urgent).toMatchObject([{ status: 0 }]);
    } finally {
      await door.close();
    }
  });

  test("lane, models and the end of the association are the entity's", async () => {
    const answer = await entity({
      calledTitle: "AXIAL_STAT",
      callingTitle: "ER_CT",
      lane: "stat",
      closeOnRelease: true,
    });
    expect(answer.status).toBe(201);
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 2, size: 32, seed: 5 });
    const stat = { ...peer, calledAeTitle: "AXIAL_STAT", callingAeTitle: "ER_CT" };
    const sent = await sendInstances(stat, files);
    expect(sent.map(({ status }) => status)).toEqual([0, 0]);
    await eventually(
      "the study is closed",
      async () => ((await studyRow(studyUid))?.close_reason ?? null) !== null,
      30_000,
    );
    expect(await studyRow(studyUid)).toMatchObject({ lane: "stat", close_reason: "request" });
    const stranger = { ...stat, callingAeTitle: "WARD_7" };
    await expect(echo(stranger)).rejects.toMatchObject({ code: "peer-rejected" });
    const again = await entity({ calledTitle: "AXIAL_STAT", callingTitle: "ER_CT" });
    expect(again.status).toBe(409);
  });

  test("unknown titles are rejected at association", async () => {
    const other = { ...peer, calledAeTitle: "ELSEWHERE" };
    await expect(echo(other)).rejects.toMatchObject({ code: "peer-rejected" });
  });

  test("a tenant has no more associations open than it may; others have theirs", async () => {
    const few = { host: "127.0.0.1", port: 0, maxAssociationsPerTenant: 1 };
    const door = await openDimseDoor(createDependencies(gateway.wiring), few);
    if (door === null) throw new Error("a door");
    try {
      const at = { ...peer, port: door.port };
      const first = connect(door.port, "127.0.0.1");
      first.write(associationRequest("AXIAL", "MODALITY"));
      const [accepted] = (await once(first, "data")) as [Buffer];
      expect(accepted.readUInt8()).toBe(A_ASSOCIATE_AC);
      await expect(echo(at)).rejects.toMatchObject({
        ...{ code: "peer-rejected", detail: expect.stringContaining("source 3") },
      });
      first.destroy();
      await eventually("there is room again", () =>
        echo(at).then(
          () => true,
          () => false,
        ),
      );
    } finally {
      await door.close();
    }
  });

  test("titles and addresses that cannot be are refused", async () => {
    for (const body of [
      { calledTitle: "" },
      { calledTitle: "SEVENTEEN_LETTERS" },
      { calledTitle: "A\\B" },
      { calledTitle: "A", host: "10.0.0.1" },
      { calledTitle: "A", port: 0, host: "pacs" },
    ]) {
      expect((await entity(body)).status).toBe(400);
    }
    expect((await entity({ calledTitle: "A", models: ["no-such-model"] })).status).toBe(404);
  });

  describe("of several associations that send one study", () => {
    const closing = { ...{ calledAeTitle: "AXIAL_BATCH", callingAeTitle: "ARCHIVE" } };
    let other: NonNullable<Awaited<ReturnType<typeof openDimseDoor>>>;
    beforeAll(async () => {
      await entity({ calledTitle: "AXIAL_BATCH", callingTitle: "ARCHIVE", closeOnRelease: true });
      const door = await openDimseDoor(createDependencies(gateway.wiring), {
        host: "127.0.0.1",
        port: 0,
      });
      if (door === null) throw new Error("a door");
      other = door;
    });
    afterAll(() => other?.close());

    const opened = async (studyUid: string) =>
      gateway.db
        .selectFrom("open_association")
        .innerJoin("study", "study.id", "open_association.study_id")
        .select("association_id")
        .where("study_uid", "=", studyUid)
        .execute();
    const leftOpen = (studyUid: string, count: number) =>
      eventually(`${count} are open`, async () => (await opened(studyUid)).length === count);

    /** An association that has sent one file, and stays open. */
    async function sending(port: number, file: Buffer): Promise<Socket> {
      const { bytes, sopInstanceUid } = datasetOf(file);
      const socket = connect(port, "127.0.0.1");
      socket.write(associationRequest(closing.calledAeTitle, closing.callingAeTitle, MR));
      await once(socket, "data");
      socket.write(storeRequest({ sopClassUid: MR, sopInstanceUid, dataset: bytes }));
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(statusOf(answer)).toBe(0);
      return socket;
    }

    test("the last to end closes it, also at another gateway", async () => {
      const { files, studyUid } = phantomSeries({ kind: "brain", slices: 2, size: 32, seed: 31 });
      const [first = Buffer.of(), second = Buffer.of()] = files;
      const socket = await sending(gateway.dimsePort, first);
      const at = { ...peer, ...closing, port: other.port };
      expect(await sendInstances(at, [second])).toMatchObject([{ status: 0 }]);
      await leftOpen(studyUid, 1);
      expect(await studyRow(studyUid)).toMatchObject({ state: "receiving" });
      socket.end(RELEASE);
      await leftOpen(studyUid, 0);
      expect(await studyRow(studyUid)).toMatchObject({ close_reason: "request" });
    });

    test("none closes it where one broke, and a gateway that died is of no account", async () => {
      const { files, studyUid } = phantomSeries({ kind: "brain", slices: 3, size: 32, seed: 32 });
      const [first = Buffer.of(), second = Buffer.of(), third = Buffer.of()] = files;
      const broken = await sending(gateway.dimsePort, first);
      const whole = await sending(other.port, second);
      broken.destroy();
      await leftOpen(studyUid, 1);
      whole.end(RELEASE);
      await leftOpen(studyUid, 0);
      const study = await studyRow(studyUid);
      expect(study).toMatchObject({ state: "receiving" });
      await gateway.db
        .insertInto("open_association")
        .values({
          ...{ study_id: study?.id as StudyId, association_id: "dead", door_id: "dead" },
          alive_at: new Date(Date.now() - 600_000),
        })
        .execute();
      await sendInstances({ ...peer, ...closing }, [third]);
      await leftOpen(studyUid, 0);
      expect(await studyRow(studyUid)).toMatchObject({ close_reason: "request" });
    });
  });

  test("an entity may have a policy of its own for newer versions", async () => {
    await entity({ calledTitle: "AXIAL_MEND", newerInstance: "replace" });
    const elements = {
      ...{ SOPClassUID: MR, SOPInstanceUID: newUid(), StudyInstanceUID: newUid() },
      ...{ SeriesInstanceUID: newUid(), Modality: "MR", Rows: 8, Columns: 8 },
    };
    const version = (InstanceNumber: number) =>
      writePart10({ elements: { ...elements, InstanceNumber } });
    expect(await sendInstances(peer, [version(1)])).toMatchObject([{ status: 0 }]);
    expect(await sendInstances(peer, [version(2)])).toMatchObject([{ status: 0xc00e }]);
    const mending = { ...peer, calledAeTitle: "AXIAL_MEND" };
    expect(await sendInstances(mending, [version(2)])).toMatchObject([{ status: 0 }]);
  });

  test("a report of storage commitment waits in the database for its requester, encrypted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "axial-commitment-"));
    const certificates = new Certificates(folder);
    certificates.authority("house");
    certificates.issue("requester", "house");
    const ca = await readFile(certificates.pem("house"), "utf8");
    const cert = await readFile(certificates.pem("requester"), "utf8");
    const key = await readFile(certificates.key("requester"), "utf8");
    const reports: CommitmentResult[] = [];
    let takes = false;
    const requester = await listenDimse({
      ...{ host: "127.0.0.1", port: 0, tls: { key, cert } },
      associate: async () => ({
        status: "accepted",
        session: {
          store: async () => ({ status: 0 }),
          commit: async (request) => ({ ...request, failed: [] }),
          committed: async (result) => {
            reports.push(result);
            return takes;
          },
          reportLater: () => {},
          end: () => {},
        },
      }),
      trouble: () => {},
    });
    try {
      const { port } = requester;
      const names = { calledTitle: "AXIAL_KEEP", callingTitle: "KEEPER" };
      const made = await entity({ ...names, host: "127.0.0.1", port, tls: { ca, cert, key } });
      expect(((await made.json()) as { tls: object }).tls).toEqual({ ca, cert });
      const instances = [{ sopClassUid: MR, sopInstanceUid: newUid() }];
      const owed = { tenant: HOME_TENANT, ...names, transactionUid: newUid(), instances };
      // As a process leaves it that died before it had reported.
      const id = (await oweReport(gateway.db, owed, 0)) ?? "";
      const waiting = () =>
        gateway.db
          .selectFrom("commitment_report")
          .select("attempts")
          .where("id", "=", id)
          .execute();
      await eventually("it was refused", () => reports.length === 1, 30_000);
      expect(reports[0]?.failed).toMatchObject([{ ...instances[0], reason: 0x0112 }]);
      expect(await waiting()).toEqual([{ attempts: 1 }]);
      takes = true;
      await eventually(
        "it waits for its next attempt",
        async () => {
          await postponeReport(gateway.db, id, 0);
          return (await waiting()).length === 0;
        },
        30_000,
      );
      expect(reports.at(-1)?.transactionUid).toBe(owed.transactionUid);
    } finally {
      await requester.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("commits to what is stored, and names what is not", async () => {
    await entity({ calledTitle: "AXIAL_SAFE", callingTitle: "ASKS", host: "127.0.0.1", port: 9 });
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed: 9 });
    expect(await sendInstances(peer, files)).toMatchObject([{ status: 0 }]);
    const { sop_instance_uid: stored } = await gateway.db
      .selectFrom("instance")
      .innerJoin("study", "study.id", "instance.study_id")
      .select("sop_instance_uid")
      .where("study_uid", "=", studyUid)
      .executeTakeFirstOrThrow();
    const missing = newUid();
    const transactionUid = newUid();
    const asking = { ...peer, calledAeTitle: "AXIAL_SAFE", callingAeTitle: "ASKS" };
    const result = await requestCommitment(asking, {
      transactionUid,
      instances: [stored, missing].map((sopInstanceUid) => ({ sopClassUid: MR, sopInstanceUid })),
    });
    expect(result?.instances.map((one) => one.sopInstanceUid)).toEqual([stored]);
    expect(result?.failed).toEqual([{ sopClassUid: MR, sopInstanceUid: missing, reason: 0x0112 }]);
    await eventually("nothing is owed", async () => {
      const rows = gateway.db.selectFrom("commitment_report").select("id");
      return (await rows.where("transaction_uid", "=", transactionUid).execute()).length === 0;
    });
  });
});

function datasetOf(file: Buffer): { readonly bytes: Buffer; readonly sopInstanceUid: string } {
  const { dataset } = readInstance(file);
  // Behind preamble, prefix and the file meta information, whose first element says its length.
  return {
    bytes: file.subarray(144 + file.readUInt32LE(140)),
    sopInstanceUid: dataset.string(0x0008_0018) ?? "",
  };
}

/** (0000,0900) of a response, in Implicit VR Little Endian. */
function statusOf(answer: Buffer): number {
  const at = answer.indexOf(Buffer.from("0000000902000000", "hex"));
  return answer.readUInt16LE(at + 8);
}
