import { HOME_TENANT, newUid } from "@axial/contracts";
import { sendMessage } from "@axial/hl7";
import { writePart10 } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

const MR = "1.2.840.10008.5.1.4.1.1.4";

/** An order as a RIS sends it (IHE SWF, RAD-4); the priority stands where v2.3.1 has it. */
function orm(accession: string, priority: string, control = "NW"): string {
  return [
    `MSH|^~\\&|RIS|HOSPITAL|AXIAL|HOSPITAL|20260102030405||ORM^O01|M${accession}|P|2.3.1`,
    "PID|||4711^^^HOSPITAL||DOE^JANE",
    `ORC|${control}|P1|F1||SC||1^once^^^^${priority}`,
    `OBR|1|P1|F1|MRBRAIN^MR Brain||||||||||||ORDERER||${accession}`,
    "",
  ].join("\r");
}

/** An imaging order of v2.5.1, with TQ1 and IPC. */
function omi(accession: string, priority: string): string {
  return [
    `MSH|^~\\&|RIS|HOSPITAL|AXIAL|HOSPITAL|20260102030405||OMI^O23^OMI_O23|M${accession}|P|2.5.1`,
    "ORC|NW|P2|F2",
    `TQ1|1||||||||${priority}`,
    "OBR|1|P2|F2|MRBRAIN",
    `IPC|${accession}|RP1|1.2.3|SPS1`,
    "",
  ].join("\r");
}

describe("orders over MLLP", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ orders: { host: "127.0.0.1", port: 0, tenant: HOME_TENANT } });
  });
  afterAll(() => gateway?.close());

  const send = (message: string, controlId: string) =>
    sendMessage(
      { host: "127.0.0.1", port: gateway.gateway.ordersPort ?? 0 },
      { message, controlId, timeoutMs: 30_000 },
    );

  /** The lane of a study of this accession number, once it is closed. */
  async function laneOf(accession: string): Promise<string | undefined> {
    const studyUid = newUid();
    const elements = {
      ...{ SOPClassUID: MR, SOPInstanceUID: newUid(), StudyInstanceUID: studyUid },
      ...{ SeriesInstanceUID: newUid(), Modality: "MR", Rows: 8, Columns: 8 },
      AccessionNumber: accession,
    };
    const stored = await stow(gateway, [writePart10({ elements })], { "axial-close": "true" });
    expect(stored.status).toBe(200);
    const row = await gateway.db
      .selectFrom("study")
      .select("lane")
      .where("study_uid", "=", studyUid)
      .executeTakeFirst();
    return row?.lane;
  }

  test("the studies of a STAT order go into that lane, others where they were sent", async () => {
    await send(orm("A-1", "S"), "MA-1");
    await send(orm("A-2", "R"), "MA-2");
    await send(omi("A-3", "STAT"), "MA-3");
    expect(await laneOf("A-1")).toBe("stat");
    expect(await laneOf("A-2")).toBe("routine");
    expect(await laneOf("A-3")).toBe("stat");
    expect(await laneOf("A-4")).toBe("routine");
  });

  test("a changed priority and a cancelled order count", async () => {
    await send(orm("B-1", "S"), "MB-1");
    await send(orm("B-1", "R", "XO"), "MB-1");
    expect(await laneOf("B-1")).toBe("routine");
    await send(orm("B-2", "S"), "MB-2");
    await send(orm("B-2", "S", "CA"), "MB-2");
    expect(await laneOf("B-2")).toBe("routine");
  });

  test("what is not an order is acknowledged, what is not HL7 is rejected, and nothing of it is logged", async () => {
    await send(orm("C-1", "S").replace("ORM^O01", "ADT^A08"), "MC-1");
    expect(await laneOf("C-1")).toBe("routine");
    await expect(send("noise", "M")).rejects.toMatchObject({ code: "peer-refused" });
    expect(gateway.lines.join("")).not.toMatch(/DOE|4711|A-1/);
  });
});
