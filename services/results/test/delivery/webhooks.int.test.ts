import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { newId, RESULTS_STREAM, type RunId, type TaskId, type TenantId } from "@axial/contracts";
import { eventually } from "@axial/testkit";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MAX_DELIVERY_ATTEMPTS } from "../../src/delivery/sender.ts";
import { type Api, as, startApi } from "../support/api.ts";
import { doneMessage } from "../support/results.ts";
import { type SeededStudy, seedRun, seedStudy, TENANT } from "../support/seed.ts";

/** Before the time for which what cannot be reached is tried. */
const LONG_AGO = new Date(Date.now() - 10 * 24 * 3_600_000);

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("webhooks", () => {
  let api: Api;
  let receiver: Server;
  let address: string;
  let received: Received[];
  let answers: number[];
  let secret: string;

  beforeAll(async () => {
    api = await startApi();
    receiver = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/axial`;
    secret = (await create(address)).json().secret;
  });
  afterAll(async () => {
    await api?.stop();
    receiver?.close();
  });
  beforeEach(() => {
    received = [];
    answers = [];
  });

  const create = (url: string) =>
    api.server.inject({
      method: "POST",
      url: "/api/v1/destinations",
      headers: as("admin"),
      payload: { kind: "webhook", name: `hook ${newId()}`, url },
    });
  const deliveries = async (study: SeededStudy) => {
    const answer = await api.server.inject({ url: "/api/v1/deliveries", headers: as("operator") });
    const all: { id: string; study: string; state: string; lastError: string }[] =
      answer.json().deliveries;
    return all.filter((delivery) => delivery.study === study.studyUid);
  };

  async function complete(tenant?: TenantId): Promise<SeededStudy> {
    const study = await seedStudy(api.stack.db, tenant === undefined ? {} : { tenant });
    const data = await doneMessage(api.stack, study.tasks[0] as TaskId);
    await api.queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data }]);
    return study;
  }

  it("tells of a completed study, signed", async () => {
    const study = await complete();
    const [first] = await eventually("it was told", () => received.length > 0 && received);
    const headers = (first?.headers ?? {}) as Record<string, string>;
    expect(new Webhook(secret).verify(first?.body ?? "", headers)).toMatchObject({
      type: "study.complete",
      data: { study: study.studyUid, run: 1 },
    });
    expect(() => new Webhook(secret).verify(`${first?.body} `, headers)).toThrow();
    await eventually(
      "it is settled",
      async () => (await deliveries(study))[0]?.state === "delivered",
    );
    expect(received).toHaveLength(1);
  });

  it("says `amended` of a later run, and of a run that is completed again", async () => {
    const study = await complete();
    await eventually("it was told", () => received.length === 1);
    const run = newId<RunId>();
    const about = { ...study, run, number: 2, tenant: TENANT, lane: "routine" as const };
    const [task] = await seedRun(api.stack.db, { ...about, models: ["tiny-brain"] });
    await api.stack.db
      .updateTable("study")
      .set({ state: "closed" })
      .where("id", "=", study.study)
      .execute();
    const data = await doneMessage(api.stack, task as TaskId);
    await api.queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data }]);
    await eventually("the second run was told", () => received.length === 2);
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: "study.complete", data: { study: study.studyUid, run: 1 } },
      { type: "study.amended", data: { study: study.studyUid, run: 2 } },
    ]);
    const reopened = { state: "closed", completed_at: null } as const;
    await api.stack.db.updateTable("study").set(reopened).where("id", "=", study.study).execute();
    await api.stack.db
      .updateTable("study")
      .set({ state: "complete", completed_at: new Date() })
      .where("id", "=", study.study)
      .execute();
    await eventually("it was told again", () => received.length === 3);
    expect(JSON.parse(received[2]?.body ?? "")).toMatchObject({
      type: "study.amended",
      data: { run: 2 },
    });
  });

  it("tries again what was not accepted, and sends again on request", async () => {
    answers = [500];
    const study = await complete();
    const failed = await eventually("the failure is kept", async () => {
      const [delivery] = await deliveries(study);
      return delivery?.lastError ? delivery : null;
    });
    expect(failed).toMatchObject({ state: "pending", lastError: "the receiver answered 500" });
    const replay = { method: "POST", url: `/api/v1/deliveries/${failed.id}/replay` } as const;
    const theirs = as("operator", "other" as TenantId);
    expect((await api.server.inject({ ...replay, headers: theirs })).statusCode).toBe(404);
    expect((await api.server.inject({ ...replay, headers: as("operator") })).statusCode).toBe(202);
    await eventually("it arrives", async () => (await deliveries(study))[0]?.state === "delivered");
  });

  it("gives up after the last attempt, and sends again on request", async () => {
    answers = [500, 500];
    const study = await complete();
    const { id } = await eventually("the failure is kept", async () => {
      const [delivery] = await deliveries(study);
      return delivery?.lastError ? delivery : null;
    });
    await api.stack.db
      .updateTable("delivery")
      .set({ attempts: MAX_DELIVERY_ATTEMPTS - 1, not_before: new Date(), created_at: LONG_AGO })
      .where("id", "=", id)
      .execute();
    await eventually("it is dead", async () => (await deliveries(study))[0]?.state === "dead");
    const replay = { method: "POST", url: `/api/v1/deliveries/${id}/replay` } as const;
    expect((await api.server.inject({ ...replay, headers: as("operator") })).statusCode).toBe(202);
    await eventually("it arrives", async () => (await deliveries(study))[0]?.state === "delivered");
  });

  it("follows no redirect", async () => {
    answers = [302];
    const study = await complete();
    await eventually("it is refused", async () =>
      (await deliveries(study))[0]?.lastError?.includes("302"),
    );
  });

  it("sends no notification of another tenant's study", async () => {
    const study = await complete("quiet-tenant" as TenantId);
    await eventually("it is complete", async () => {
      const [row] = await api.stack.db
        .selectFrom("study")
        .select("state")
        .where("id", "=", study.study)
        .execute();
      return row?.state === "complete";
    });
    const told = await api.stack.db
      .selectFrom("delivery")
      .select("id")
      .where("study_id", "=", study.study)
      .execute();
    expect(told).toEqual([]);
  });

  it("takes no address inside the house, nor one without encryption or with a password", async () => {
    for (const url of [
      "https://10.0.0.1/",
      "https://[::1]/",
      "https://169.254.169.254/latest",
      "http://example.org/",
      "https://a:b@example.org/",
      "file:///etc/passwd",
      "nonsense",
    ]) {
      expect({ url, status: (await create(url)).statusCode }).toEqual({ url, status: 400 });
    }
  });

  it("can be removed", async () => {
    const { id } = (await create("https://example.org/hook")).json();
    const remove = {
      method: "DELETE",
      url: `/api/v1/destinations/${id}`,
      headers: as("admin"),
    } as const;
    expect((await api.server.inject(remove)).statusCode).toBe(204);
    expect((await api.server.inject(remove)).statusCode).toBe(404);
  });
});
