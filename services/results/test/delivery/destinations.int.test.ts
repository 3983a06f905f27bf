import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, newUid, RESULTS_STREAM, type RunId, type TaskId } from "@axial/contracts";
import { readInstance } from "@axial/dicom";
import { eventually, freePort, needs } from "@axial/testkit";
import { sql } from "kysely";
import { Server as Hl7Server } from "node-hl7-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, as, startApi } from "../support/api.ts";
import { doneMessage, taskResult } from "../support/results.ts";
import { type SeededStudy, seedRun, seedStudy, TENANT } from "../support/seed.ts";

interface Delivery {
  readonly id: string;
  readonly destinationName: string;
  readonly study: string;
  readonly run: number;
  readonly state: string;
  readonly lastError: string | null;
}

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("destinations", () => {
  let api: Api;

  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api?.stop());

  const call = (method: "POST" | "PATCH" | "DELETE", url: string, payload?: object) =>
    api.server.inject({ method, url, headers: as("admin"), ...(payload ? { payload } : {}) });
  const add = async (destination: object): Promise<string> => {
    const answer = await call("POST", "/api/v1/destinations", destination);
    expect({ status: answer.statusCode, said: answer.json() }).toMatchObject({ status: 201 });
    return answer.json().id;
  };
  const remove = (id: string) => call("DELETE", `/api/v1/destinations/${id}`);
  const listed = async () =>
    (await api.server.inject({ url: "/api/v1/destinations", headers: as("operator") })).json()
      .destinations;

  const deliveries = async (study: SeededStudy, name: string): Promise<Delivery[]> => {
    const url = `/api/v1/deliveries?study=${study.studyUid}`;
    const answer = await api.server.inject({ url, headers: as("operator") });
    const all: Delivery[] = answer.json().deliveries;
    return all.filter(({ destinationName }) => destinationName === name);
  };
  const ended = (study: SeededStudy, name: string, state = "delivered") =>
    eventually(`${name} is ${state}`, async () => {
      const [newest] = await deliveries(study, name);
      if (newest?.state !== "pending" && newest?.state !== state && newest !== undefined) {
        throw new Error(`${name} is ${newest.state}: ${newest.lastError}`);
      }
      return newest?.state === state && newest;
    });

  /** A study whose one run ends with a finding. */
  async function complete(overrides: Parameters<typeof taskResult>[1] = {}): Promise<SeededStudy> {
    const sopInstanceUid = newUid();
    const study = await seedStudy(api.stack.db, { instances: [{ sopInstanceUid }] });
    const slices = [{ sopInstanceUid, frame: 0, probabilities: { appearance: [0.1, 0.7, 0.2] } }];
    await finish(study.tasks[0] as TaskId, { slices, ...overrides });
    return study;
  }

  async function finish(task: TaskId, overrides: Parameters<typeof taskResult>[1]): Promise<void> {
    const result = taskResult(task, overrides);
    const data = await doneMessage(api.stack, task, { result });
    await api.queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data }]);
  }

  /** A second run of a study, which ends with a finding too. */
  async function amend(
    study: SeededStudy,
    overrides: Parameters<typeof taskResult>[1] = {},
  ): Promise<void> {
    const next = { ...study, run: newId<RunId>(), number: 2, tenant: TENANT };
    const seed = { ...next, lane: "routine" as const, models: ["tiny-brain"] };
    const [task] = await seedRun(api.stack.db, seed);
    await api.stack.db
      .updateTable("study")
      .set({ state: "closed" })
      .where("id", "=", study.study)
      .execute();
    await finish(task as TaskId, overrides);
  }

  const srUid = async (study: SeededStudy) => {
    const url = `/api/v1/studies/${study.studyUid}/report.sr`;
    const { rawPayload } = await api.server.inject({ url, headers: as("reader") });
    return { bytes: rawPayload, instance: readInstance(rawPayload) };
  };

  it("a folder gets whole runs and nothing else, each once; amended ones name what they replace", async () => {
    const formats = ["sr", "pdf", "json", "fhir"];
    const id = await add({ kind: "folder", name: "share", folder: "pacs", formats });
    const study = await complete();
    await ended(study, "share");
    const folder = join(api.out, TENANT, "pacs");
    expect(await readdir(folder)).toEqual([`${study.studyUid}-run-1`]);
    const first = join(folder, `${study.studyUid}-run-1`);
    const names = ["report.dcm", "report.fhir.json", "report.json", "report.pdf"];
    expect((await readdir(first)).toSorted()).toEqual(names);
    const sr = await readFile(join(first, "report.dcm"));
    expect(sr.equals((await srUid(study)).bytes)).toBe(true);
    const pdf = `/api/v1/studies/${study.studyUid}/report.pdf`;
    const page = await api.server.inject({ url: pdf, headers: as("reader") });
    expect(page.rawPayload.equals(await readFile(join(first, "report.pdf")))).toBe(true);
    expect(page.rawPayload.subarray(0, 5).toString()).toBe("%PDF-");

    await amend(study);
    await eventually("the amended run is there", async () => (await readdir(folder)).length === 2);
    const amended = await srUid(study);
    const predecessors = amended.instance.dataset.items(0x0040_a360);
    const referenced = predecessors[0]?.items(0x0008_1115)[0]?.items(0x0008_1199)[0];
    expect(referenced?.string(0x0008_1155)).toBe(readInstance(sr).dataset.string(0x0008_0018));
    const bundle = (
      await api.server.inject({
        url: `/api/v1/studies/${study.studyUid}/report.fhir`,
        headers: as("reader"),
      })
    ).json();
    expect(bundle.entry[0].resource).toMatchObject({
      resourceType: "DiagnosticReport",
      status: "amended",
    });
    await remove(id);
  });

  it("synthetic evidence leaves only for a destination that names its model", async () => {
    const waiting = { kind: "folder", paused: true };
    const strict = await add({ ...waiting, name: "strict", folder: "strict" });
    const lenient = await add({
      ...{ ...waiting, name: "lenient", folder: "lenient" },
      syntheticModels: ["tiny-brain"],
    });
    const study = await complete();
    await eventually("they wait", async () =>
      (await listed()).every(({ pending }: { pending: number }) => pending === 1),
    );
    // The recorder takes only what the installed package says, and that one is not synthetic.
    await sql`UPDATE prediction SET result = jsonb_set(result, '{model,evidence}', '"synthetic"')
      WHERE study_id = ${study.study}`.execute(api.stack.db);
    for (const id of [strict, lenient]) {
      await call("PATCH", `/api/v1/destinations/${id}`, { paused: false });
    }
    const skipped = await ended(study, "strict", "skipped");
    expect(skipped.lastError).toBe("withheld: synthetic evidence of tiny-brain");
    await ended(study, "lenient");
    await Promise.all([remove(strict), remove(lenient)]);
  });

  it("a filter decides what is sent, and a paused destination waits", async () => {
    const id = await add({
      ...{ kind: "folder", name: "bright", folder: "bright" },
      when: { labels: ["bright"] },
    });
    const dark = await complete();
    await ended(dark, "bright", "skipped");
    await call("PATCH", `/api/v1/destinations/${id}`, { when: { labels: ["dark"] }, paused: true });
    const kept = await complete();
    await eventually("it waits", async () => (await listed())[0]?.pending === 1);
    await call("PATCH", `/api/v1/destinations/${id}`, { paused: false });
    await ended(kept, "bright");
    const [first] = await deliveries(dark, "bright");
    const replay = `/api/v1/deliveries/${first?.id}/replay`;
    expect((await call("POST", replay)).statusCode).toBe(202);
    await ended(dark, "bright");
    await remove(id);
  });

  it("what amends an answer goes where that answer went, whatever it says", async () => {
    const folder = { kind: "folder", paused: true };
    const told = await add({ ...folder, name: "told", folder: "told", when: { labels: ["dark"] } });
    const other = await add({
      ...{ ...folder, name: "other", folder: "other" },
      when: { labels: ["bright"] },
    });
    const study = await complete();
    for (const id of [told, other]) {
      await call("PATCH", `/api/v1/destinations/${id}`, { paused: false });
    }
    await ended(study, "told");
    await ended(study, "other", "skipped");
    // The answer is withdrawn, and a lane that the destination no longer asks for as well.
    await call("PATCH", `/api/v1/destinations/${told}`, {
      when: { labels: ["bright"], lanes: ["stat"] },
    });
    await amend(study);
    await eventually("both runs were judged", async () => {
      const all = [...(await deliveries(study, "told")), ...(await deliveries(study, "other"))];
      return all.length === 4 && all.every(({ state }) => state !== "pending");
    });
    const states = async (name: string) =>
      (await deliveries(study, name)).map(({ run, state }) => `${run} ${state}`).toSorted();
    expect(await states("told")).toEqual(["1 delivered", "2 delivered"]);
    expect(await states("other")).toEqual(["1 skipped", "2 skipped"]);
    await Promise.all([remove(told), remove(other)]);
  });

  it("an HL7 receiver gets ORU^R01 with the finding, and is asked again until it accepts", async () => {
    const port = await freePort();
    const messages: string[] = [];
    const answers: ("AE" | "AA")[] = ["AE", "AA"];
    const server = new Hl7Server({ bindAddress: "127.0.0.1" });
    const inbound = server.createInbound({ port }, async (request, response) => {
      messages.push(request.getMessage().toString());
      await response.sendResponse(answers.shift() ?? "AA");
    });
    await eventually("it listens", () => connects(port));
    const id = await add({
      ...{ kind: "hl7v2", name: "engine", host: "127.0.0.1", port, formats: ["pdf"] },
      receivingApplication: "RIS",
    });
    const study = await complete();
    await ended(study, "engine");
    expect(messages).toHaveLength(2);
    const [first = "", second] = messages;
    expect(second).toBe(first);
    expect(first).toContain("ORU^R01");
    expect(first).toMatch(/OBX\|1\|CWE\|/);
    expect(first).toContain("^application^pdf^Base64^JVBER");
    expect(statusesOf(first)).toEqual(new Set(["P"]));
    await amend(study);
    await eventually("the correction came", () => messages.length === 3);
    expect(statusesOf(messages[2] ?? "")).toEqual(new Set(["C"]));
    await remove(id);
    await inbound.close();
  });

  it("a FHIR server gets a transaction of conditional creates, with a token of its own", async () => {
    const received: Received[] = [];
    const server = await receiver(received, (path) =>
      path === "/token"
        ? JSON.stringify({ access_token: "t0ken", token_type: "Bearer" })
        : JSON.stringify({ resourceType: "Bundle", type: "searchset", total: 1 }),
    );
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const oauth = { tokenUrl: `${base}/token`, clientId: "axial", clientSecret: "s3cret" };
    const id = await add({ kind: "fhir", name: "server", url: `${base}/fhir`, oauth });
    expect(JSON.stringify(await listed())).not.toContain("s3cret");
    const study = await complete();
    await ended(study, "server");
    const [token, transaction] = received;
    expect(token?.headers.authorization).toBe(
      `Basic ${Buffer.from("axial:s3cret").toString("base64")}`,
    );
    expect(transaction?.headers.authorization).toBe("Bearer t0ken");
    const bundle = JSON.parse(transaction?.body ?? "");
    expect(bundle).toMatchObject({ resourceType: "Bundle", type: "transaction" });
    for (const { request, resource } of bundle.entry) {
      expect(request).toMatchObject({ method: "POST", url: resource.resourceType });
      expect(request.ifNoneExist).toMatch(/^(identifier|_tag)=\S+\|\S+$/);
    }
    await amend(study);
    await eventually("the amended one came", () => received.length === 5);
    expect(received[3]?.path).toMatch(/^\/fhir\/ImagingStudy\?_tag=urn%3Aaxial%3Aimaging-study%7C/);
    const { entry } = JSON.parse(received[4]?.body ?? "");
    expect(entry[0]).toMatchObject({ request: { method: "PUT" }, resource: { status: "amended" } });
    const updated = entry.filter(
      ({ request }: { request: { method: string } }) => request.method === "PUT",
    );
    expect(
      updated.map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType),
    ).toEqual(["DiagnosticReport", "ImagingStudy"]);
    await remove(id);
    server.close();
  });

  it(
    "dcmtk's storescp gets the report and the page, as they are kept",
    needs("dcmtk"),
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "axial-storescp-"));
      const port = await freePort();
      const scp: ChildProcess = spawn(
        "storescp",
        ["-od", folder, "+B", "-aet", "PACS", String(port)],
        {
          stdio: "ignore",
        },
      );
      await eventually("it listens", () => connects(port));
      const target = { host: "127.0.0.1", port, calledTitle: "PACS", formats: ["sr", "pdf"] };
      const id = await add({ kind: "dimse", name: "pacs", ...target });
      const study = await complete();
      await ended(study, "pacs");
      const names = await readdir(folder);
      expect(names).toHaveLength(2);
      const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
      const { instance } = await srUid(study);
      const uid = instance.dataset.string(0x0008_0018);
      const report = files.find((bytes) => readInstance(bytes).dataset.string(0x0008_0018) === uid);
      const data = (bytes: Buffer) => bytes.subarray(readInstance(bytes).dataset.bytes.byteOffset);
      expect(report && data(report).length).toBeGreaterThan(0);
      scp.kill("SIGKILL");
      await remove(id);
      await rm(folder, { recursive: true, force: true });
    },
  );

  it("says what is wrong with a destination", async () => {
    const refusals: readonly (readonly [object, string])[] = [
      [{ kind: "dimse", name: "a", host: "10.1.2.3", port: 104, calledTitle: "X" }, "may not be"],
      [{ kind: "dicomweb", name: "b", url: "ftp://example.org" }, "https://"],
      [
        { kind: "webhook", name: "c", url: "https://example.org", formats: ["sr"] },
        "does not send",
      ],
    ];
    for (const [destination, why] of refusals) {
      const answer = await call("POST", "/api/v1/destinations", destination);
      expect({ status: answer.statusCode, why: answer.json().detail }).toMatchObject({
        status: 400,
        why: expect.stringContaining(why),
      });
    }
    const nameless = { kind: "folder", folder: "../etc", name: "x" };
    expect((await call("POST", "/api/v1/destinations", nameless)).statusCode).toBe(400);
  });
});

/** OBR-25 and every OBX-11. */
function statusesOf(message: string): Set<string | undefined> {
  const segments = message.split("\r").map((segment) => segment.split("|"));
  const statuses = segments.flatMap((fields) => {
    if (fields[0] === "OBR") return [fields[25]];
    return fields[0] === "OBX" ? [fields[11]] : [];
  });
  expect(statuses.length).toBeGreaterThan(1);
  return new Set(statuses);
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function receiver(received: Received[], answer: (path: string) => string): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const path = request.url ?? "";
    received.push({ path, headers: request.headers, body });
    response.writeHead(200, { "content-type": "application/json" }).end(answer(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
