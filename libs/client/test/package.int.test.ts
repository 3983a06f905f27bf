import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const WITHIN_MS = 300_000;

let folder: string;
let server: Server;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-client-"));
  server = createServer((request, response) => {
    if (request.url === "/api/v1/studies/1.2.3/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(': heartbeat\n\nevent: study\ndata: {"state":"closed"}\n\n');
      response.end('event: study\ndata: {"state":"complete"}\n\nevent: end\ndata: {}\n\n');
    } else {
      response.writeHead(404, { "content-type": "application/problem+json" });
      response.end('{"code":"not-found","title":"No such thing."}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

const CONSUMER = `
import { ApiError, AxialClient, type StudyView } from "@axial/client";

const axial = new AxialClient({ url: process.argv[2] ?? "", key: "axial_test" });
const states: StudyView["state"][] = [];
for await (const study of axial.studies.events("1.2.3")) states.push(study.state);
const code: string = await axial.studies.get("1").then(
  () => "found",
  (error: unknown) => (error instanceof ApiError ? error.code : "other"),
);
console.log(JSON.stringify({ states, code }));
`;

it(
  "the package that is published runs without this repository, and has its types",
  async () => {
    const installed = join(folder, "node_modules/@axial/client");
    await run(process.execPath, [join(ROOT, "scripts/pack-client.ts"), installed]);
    await symlink(join(ROOT, "node_modules/typebox"), join(folder, "node_modules/typebox"));
    await mkdir(join(folder, "node_modules/@types"), { recursive: true });
    await symlink(join(ROOT, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    await writeFile(join(folder, "consumer.ts"), CONSUMER);
    const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"];
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const compiled = await run(tsc, [...options, "consumer.ts"], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(compiled.stdout).toBe("");
    const { stdout } = await run(process.execPath, [join(folder, "consumer.js"), url]);
    expect(JSON.parse(stdout)).toEqual({ states: ["closed", "complete"], code: "not-found" });
  },
  WITHIN_MS,
);
