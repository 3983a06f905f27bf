import { newUid } from "@axial/contracts";
import { sendInstances } from "@axial/dimse";
import { placeHold } from "@axial/store/retention";
import { eventually, writePart10 } from "@axial/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CLOSE, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ dimse: { host: "127.0.0.1", port: 0, defaultTitle: "AXIAL" } });
});
afterAll(() => gateway?.close());
beforeEach(() => policy("replace"));

const { planned } = plansOf(() => gateway);
const WRONG = { PatientID: "P1", PatientName: "Wrong^Name", PatientBirthDate: "19700101" };
const RIGHT = { PatientID: "P2", PatientName: "Right^Name", PatientBirthDate: "19800202" };

async function ask(method: string, path: string, body?: object) {
  return fetch(`${gateway.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${gateway.key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function policy(newerInstance: string): Promise<void> {
  const answer = await ask("PATCH", "/api/v1/tenants/default", { newerInstance });
  expect([answer.status, await answer.json()]).toMatchObject([200, { newerInstance }]);
}

interface Sent {
  readonly study: string;
  readonly series: string;
  readonly uids: readonly string[];
}

const names = (instances: number): Sent => ({
  ...{ study: newUid(), series: newUid() },
  uids: Array.from({ length: instances }, newUid),
});

function files({ study, series, uids }: Sent, patient: Record<string, string>): Buffer[] {
  return uids.map((uid, index) =>
    writePart10({
      elements: {
        ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.4", SOPInstanceUID: uid },
        ...{ StudyInstanceUID: study, SeriesInstanceUID: series, Modality: "MR" },
        ...{ InstanceNumber: String(index + 1), ...patient },
        ...{ Rows: 8, Columns: 8, SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME2" },
        ...{ BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelRepresentation: 0 },
        PixelData: new Uint16Array(64).fill(index),
      },
    }),
  );
}

const row = (study: string) =>
  gateway.db.selectFrom("study").selectAll().where("study_uid", "=", study).executeTakeFirst();
const earlier = (study: string) =>
  gateway.db
    .selectFrom("deleted_instance")
    .selectAll()
    .where("study_uid", "=", study)
    .where("reason", "=", "replaced")
    .execute();

async function stored(patient = WRONG, instances = 3): Promise<Sent> {
  const sent = names(instances);
  expect((await stow(gateway, files(sent, patient), CLOSE)).status).toBe(200);
  await planned(sent.study);
  return sent;
}

describe("a newer version of an instance", () => {
  test("is refused where the tenant rejects it", async () => {
    await policy("reject");
    const sent = await stored();
    expect((await stow(gateway, files(sent, RIGHT))).status).toBe(409);
    expect(await row(sent.study)).toMatchObject({ tags: { "00100020": { Value: ["P1"] } } });
  });

  test("takes the place of the stored one: demographics, a new run, audit", async () => {
    const sent = await stored();
    for (const file of files(sent, RIGHT)) {
      expect((await stow(gateway, [file])).status).toBe(200);
      expect((await row(sent.study))?.state).toBe("receiving");
    }
    expect((await stow(gateway, files(sent, RIGHT), CLOSE)).status).toBe(200);
    const runs = await planned(sent.study, 2);
    expect(runs.map(({ reason }) => reason)).toEqual(["closed", "late-arrival"]);
    const now = await row(sent.study);
    expect(now).toMatchObject({ instance_count: 3, tags: { "00100020": { Value: ["P2"] } } });
    const found = gateway.db.selectFrom("study_name").select("name");
    expect(await found.where("study_id", "=", now?.id ?? ("" as never)).execute()).toEqual([
      { name: "=right^name===" },
    ]);
    const audited = gateway.db.selectFrom("audit").select(["action", "key_id"]);
    const entries = await audited
      .where("target", "=", now?.id ?? "")
      .where("action", "=", "instance.replace")
      .execute();
    expect(entries).toHaveLength(3);
    expect(entries[0]?.key_id).not.toBeNull();
    expect(await earlier(sent.study)).toHaveLength(3);
  });

  test("holds its study while only some are corrected, and no longer than that", async () => {
    const sent = await stored();
    const [first, ...others] = files(sent, RIGHT);
    if (first === undefined) throw new Error("a file");
    expect((await stow(gateway, [first], CLOSE)).status).toBe(200);
    expect((await row(sent.study))?.state).toBe("held");
    expect((await stow(gateway, others, CLOSE)).status).toBe(200);
    await planned(sent.study, 2);
    expect(await row(sent.study)).toMatchObject({ tags: { "00100020": { Value: ["P2"] } } });
  });

  test("mends a study that was held because of it", async () => {
    const sent = names(2);
    const [one] = files(sent, WRONG);
    const [, two] = files(sent, RIGHT);
    if (one === undefined || two === undefined) throw new Error("two files");
    await stow(gateway, [one, two], CLOSE);
    expect((await row(sent.study))?.state).toBe("held");
    const [mended] = files(sent, RIGHT);
    if (mended === undefined) throw new Error("a file");
    expect((await stow(gateway, [mended], CLOSE)).status).toBe(200);
    await planned(sent.study);
    expect(await row(sent.study)).toMatchObject({ tags: { "00100010": { vr: "PN" } } });
  });

  test("moves to another study; the one that it left goes when nothing is left of it", async () => {
    const sent = await stored(WRONG, 2);
    const moved = { ...sent, study: newUid(), series: newUid() };
    const [first, second] = files(moved, WRONG);
    if (first === undefined || second === undefined) throw new Error("two files");
    expect((await stow(gateway, [first])).status).toBe(200);
    expect(await row(sent.study)).toMatchObject({ instance_count: 1 });
    await planned(sent.study, 2);
    expect((await stow(gateway, [second], CLOSE)).status).toBe(200);
    expect(await row(sent.study)).toBeUndefined();
    expect(await row(moved.study)).toMatchObject({ instance_count: 2 });
  });

  test("leaves the earlier one as long as the study where both are kept", async () => {
    await policy("keep-both");
    const sent = await stored();
    expect((await stow(gateway, files(sent, RIGHT), CLOSE)).status).toBe(200);
    expect((await earlier(sent.study)).map(({ keep_until }) => keep_until)).toEqual(
      [1, 2, 3].map(() => Number.POSITIVE_INFINITY),
    );
    const deleted = await ask("DELETE", `/dicom-web/studies/${sent.study}`);
    expect(deleted.status).toBe(204);
    expect((await earlier(sent.study)).every(({ keep_until }) => keep_until instanceof Date)).toBe(
      true,
    );
  });

  test("takes nothing out of a study under legal hold", async () => {
    const sent = await stored(WRONG, 1);
    const study = (await row(sent.study))?.id;
    if (study === undefined) throw new Error("a study");
    const by = { tenant: "default" as never, keyId: null };
    await placeHold(gateway.db, { study, reason: "court" }, by);
    const moved = files({ ...sent, study: newUid() }, WRONG);
    expect((await stow(gateway, moved)).status).toBe(409);
    expect((await stow(gateway, files(sent, RIGHT))).status).toBe(200);
    expect((await earlier(sent.study))[0]?.keep_until).toBe(Number.POSITIVE_INFINITY);
  });

  test("comes by C-STORE too", async () => {
    const sent = await stored();
    const peer = {
      ...{ host: "127.0.0.1", port: gateway.dimsePort },
      ...{ calledAeTitle: "AXIAL", callingAeTitle: "MODALITY" },
    };
    const outcomes = await sendInstances(peer, files(sent, RIGHT));
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(await row(sent.study)).toMatchObject({ tags: { "00100020": { Value: ["P2"] } } });
    await policy("reject");
    expect(await sendInstances(peer, files(sent, WRONG))).toMatchObject([
      { status: 0xc00e },
      {},
      {},
    ]);
  });
});

describe("what was deleted", () => {
  const restore = async (study: string, body: object = {}) => {
    const answer = await ask("POST", `/api/v1/studies/${study}/restore`, body);
    return { status: answer.status, body: await answer.json() };
  };

  test("is gone where DICOMweb is mounted, at each level, and comes back", async () => {
    const sent = await stored();
    const series = `/dicom-web/studies/${sent.study}/series/${sent.series}`;
    expect((await ask("DELETE", `${series}/instances/${sent.uids[0]}/`)).status).toBe(204);
    expect(await row(sent.study)).toMatchObject({ instance_count: 2 });
    expect((await ask("DELETE", series)).status).toBe(204);
    expect(await row(sent.study)).toBeUndefined();
    expect((await ask("DELETE", series)).status).toBe(404);
    expect(await restore(sent.study, { instance: sent.uids[1] })).toMatchObject({
      status: 200,
      body: { instances: 1, study: sent.study },
    });
    expect(await restore(sent.study)).toMatchObject({ status: 200, body: { instances: 2 } });
    await eventually("it is planned", async () => (await row(sent.study))?.state === "complete");
    expect(await row(sent.study)).toMatchObject({
      instance_count: 3,
      tags: { "00100020": { Value: ["P1"] } },
    });
    expect((await restore(sent.study)).status).toBe(404);
    const audit = gateway.db.selectFrom("audit").select(["action", "address"]);
    const address = "127.0.0.1";
    expect(await audit.orderBy("id", "desc").limit(2).execute()).toEqual([
      { action: "study.restore", address },
      { action: "instance.restore", address },
    ]);
  });

  test("does not come back over what was sent again with other content", async () => {
    const sent = await stored(WRONG, 1);
    await ask("DELETE", `/dicom-web/studies/${sent.study}`);
    expect((await stow(gateway, files(sent, RIGHT))).status).toBe(200);
    expect((await restore(sent.study)).status).toBe(409);
  });
});
