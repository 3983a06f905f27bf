import { INFER_QUEUES } from "@axial/contracts";
import { eventually, TINY_MODEL_ID } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { phantom, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { post } from "./stow.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const { planned, tasksOf } = plansOf(() => gateway);

describe("one image", () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
    "base64",
  );
  const classify = (body: Uint8Array<ArrayBuffer>, query = `model=${TINY_MODEL_ID}`) =>
    post(gateway, `/api/v1/images?${query}`, { body, headers: { "content-type": "image/png" } });

  /** Instances that the gateway counted as stored. */
  const received = async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(/axial_instances_received_total\{[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0);
  };

  test("becomes a study with a task on the queue", async () => {
    const answer = await classify(new Uint8Array(png));
    expect(answer.status).toBe(202);
    const { study, links } = answer.body as unknown as { study: string; links: { study: string } };
    expect(links.study).toBe(`${gateway.url}/api/v1/studies/${study}`);
    const [run] = await planned(study);
    const [task] = await tasksOf(run?.id);
    expect(task).toMatchObject({ model_id: TINY_MODEL_ID, slices: 1 });
    await eventually("the job is on the queue", async () => {
      const { waiting } = await gateway.queues.jobs.counts(INFER_QUEUES.routine);
      return waiting > 0;
    });
  });

  test("with an Idempotency-Key is one study, though no answer could be kept", async () => {
    const classifyAs = async (key: string) => {
      const headers = { "content-type": "image/png", "idempotency-key": key };
      const query = `model=${TINY_MODEL_ID}`;
      const body = new Uint8Array(png);
      const answer = await post(gateway, `/api/v1/images?${query}`, { body, headers });
      expect(answer.status).toBe(202);
      return (answer.body as unknown as { study: string }).study;
    };
    const before = await received();
    const at = await Promise.all(Array.from({ length: 4 }, () => classifyAs("image-1")));
    await gateway.db.deleteFrom("idempotency_key").where("key", "=", "image-1").execute();
    const studies = new Set([...at, await classifyAs("image-1")]);
    expect(studies.size).toBe(1);
    expect(await received()).toBe(before + 1);
    expect(studies).not.toContain(await classifyAs("image-2"));
    expect((await classify(new Uint8Array(png))).status).toBe(202);
  });

  test("answers what is wrong with it", async () => {
    expect((await classify(new Uint8Array(png), "model=nothing")).body.code).toBe(
      "model-not-found",
    );
    for (const [format, start] of Object.entries({ GIF: "GIF89a", BMP: "BM", TIFF: "II*\0" })) {
      const body = new Uint8Array(Buffer.from(`${start}${".".repeat(200)}`, "latin1"));
      const named = { code: "not-dicom", detail: `a ${format} file; send PNG, JPEG or DICOM` };
      expect((await classify(body)).body).toMatchObject(named);
    }
    const bomb = new Uint8Array(png);
    bomb.set([0x7f, 0xff, 0xff, 0xff], 16);
    bomb.set([0x7f, 0xff, 0xff, 0xff], 20);
    expect((await classify(bomb)).body.code).toBe("limit-exceeded");
    expect((await classify(new Uint8Array(png.subarray(0, 20)))).body.code).toBe("undecodable");
  });

  test("a DICOM file may be posted twice", async () => {
    const file = new Uint8Array(phantom(20, "brain", 1).files[0] ?? []);
    const answers = [await classify(file), await classify(file)];
    expect(answers.map((answer) => answer.status)).toEqual([202, 202]);
    const studies = answers.map(({ body }) => (body as unknown as { study: string }).study);
    expect(new Set(studies).size).toBe(2);
  });
});
