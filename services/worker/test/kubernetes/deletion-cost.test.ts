import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { createLogger } from "@axial/kit";
import { eventually } from "@axial/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DeletionCost } from "../../src/kubernetes/deletion-cost.ts";
import { annotateOwnPod } from "../../src/kubernetes/own-pod.ts";

const run = promisify(execFile);

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** No Kubernetes runs here: a server over TLS with an authority of its own stands in for its API. */
describe("deletion cost", () => {
  const calls: Call[] = [];
  let folder: string;
  let server: Server;
  let status = 200;
  let cost = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-kubernetes-"));
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "ca.crt")];
    const subject = ["-subj", "/CN=kubernetes", "-addext", "subjectAltName=IP:127.0.0.1"];
    await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject]);
    await writeFile(join(folder, "namespace"), "axial");
    await writeFile(join(folder, "token"), "first");
    const [key, cert] = await Promise.all(
      ["key.pem", "ca.crt"].map((file) => readFile(join(folder, file))),
    );
    server = createServer({ key, cert }, async (request, answer) => {
      const body = (await request.toArray()).join("");
      const { method, url, headers } = request;
      const { authorization, "content-type": type } = headers;
      calls.push({ method, url, authorization, type, body: JSON.parse(body) });
      answer.writeHead(status).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    calls.length = 0;
    status = 200;
    cost = 0;
  });
  afterAll(async () => {
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(): DeletionCost {
    const { port } = server.address() as AddressInfo;
    const access = { host: "127.0.0.1", port, credentials: folder, pod: "worker-1" };
    return new DeletionCost(
      {
        cost: () => cost,
        annotate: (annotations) => annotateOwnPod(access, annotations),
        logger: createLogger({ service: "test", destination: new PassThrough() }),
      },
      5,
    );
  }

  it("is told once for each change, of its own pod, with the token of the moment", async () => {
    const deletionCost = start();
    await eventually("the first cost is told", () => calls.length === 1);
    expect(calls[0]).toEqual({
      method: "PATCH",
      url: "/api/v1/namespaces/axial/pods/worker-1",
      authorization: "Bearer first",
      type: "application/merge-patch+json",
      body: { metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "0" } } },
    });
    await writeFile(join(folder, "token"), "second");
    cost = 7;
    await eventually("the change is told", () => calls.length === 2);
    deletionCost.close();
    expect(calls[1]?.authorization).toBe("Bearer second");
    expect(JSON.stringify(calls[1]?.body)).toContain('"7"');
  });

  it("is told again when the API refused it", async () => {
    status = 403;
    const deletionCost = start();
    await eventually("it was refused", () => calls.length > 0);
    status = 200;
    const refused = calls.length;
    await eventually("it is told again", () => calls.length > refused);
    deletionCost.close();
  });
});
