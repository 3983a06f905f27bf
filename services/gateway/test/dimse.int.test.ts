import { once } from "node:events";
import { connect } from "node:net";
import { newUid } from "@axial/contracts";
import { readInstance } from "@axial/dicom";
import { echo, type Peer, requestCommitment, sendInstances } from "@axial/dimse";
import {
  associationRequest,
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

  test("commits to what is stored, and names what is not", async () => {
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
    const result = await requestCommitment(peer, {
      transactionUid,
      instances: [stored, missing].map((sopInstanceUid) => ({ sopClassUid: MR, sopInstanceUid })),
    });
    expect(result?.instances.map((one) => one.sopInstanceUid)).toEqual([stored]);
    expect(result?.failed).toEqual([{ sopClassUid: MR, sopInstanceUid: missing, reason: 0x0112 }]);
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
