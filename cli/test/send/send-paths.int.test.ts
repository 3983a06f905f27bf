import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxialClient } from "@axial/client";
import { eventually, phantomSeries, zipOf } from "@axial/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { joinName } from "../../src/files/file-name.ts";
import { type FolderMemory, walk } from "../../src/files/walk.ts";
import { sentLines } from "../../src/render/sent-lines.ts";
import { Journal } from "../../src/send/journal.ts";
import { type SendOptions, sendPaths } from "../../src/send/send-paths.ts";
import { writeSendReport } from "../../src/send/send-report.ts";
import { watchFolder } from "../../src/watch/watch-folder.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

type Fault = (request: IncomingMessage, response: ServerResponse) => void;

const htmlPage: Fault = (_request, response) =>
  response.writeHead(503, { "content-type": "text/html", "retry-after": "0" }).end("<html>");
const reset: Fault = (incoming) => incoming.socket.destroy();
const captivePortal: Fault = (_request, response) => response.writeHead(200).end("<html>log in");

/** The header of a file up to Rows: a file that was cut between two elements. */
function beheaded(file: Uint8Array = Buffer.of()): Buffer {
  const bytes = Buffer.from(file);
  return bytes.subarray(0, bytes.indexOf(Buffer.from("28001000", "hex")));
}

describe("sending a tree", () => {
  let axial: TestStack;
  let folder: string;
  let journal: string;
  /** Faults to come, and how often instances were stored, by the door in front of the gateway. */
  const faults: Fault[] = [];
  let storeRequests = 0;
  const door = createServer((incoming, response) => {
    const isStore = incoming.url === "/dicom-web/studies";
    storeRequests += Number(isStore);
    const fault = isStore ? faults.shift() : undefined;
    if (fault === undefined) forward(incoming, response);
    else fault(incoming, response);
  });
  let url: string;

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = incoming;
    const outgoing = request(`${axial.url}${incoming.url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.once("error", () => response.destroy());
    incoming.pipe(outgoing);
  }

  beforeAll(async () => {
    axial = await startTestStack(0);
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    door.close();
    door.closeAllConnections();
    await axial.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-send-"));
    journal = join(folder, "journal");
    storeRequests = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const client = () => new AxialClient({ url, key: axial.key });

  const send = (options: Partial<SendOptions> = {}) =>
    sendPaths({ url, key: axial.key }, [join(folder, "tree")], {
      lane: "backfill",
      models: null,
      close: true,
      journal,
      ...options,
    });

  async function put(name: string | Buffer, bytes: Buffer): Promise<void> {
    await mkdir(join(folder, "tree"), { recursive: true });
    await writeFile(joinName(Buffer.from(join(folder, "tree")), Buffer.from(name)), bytes);
  }

  async function hostileTree() {
    const first = phantomSeries({ kind: "brain", slices: 6, size: 16 });
    const second = phantomSeries({ kind: "knee", slices: 4, size: 16 });
    for (const [index, file] of first.files.entries()) {
      await put(Buffer.from(`\xe9${index}.dcm`, "latin1"), file);
    }
    const entries = second.files.map((bytes, index) => ({ name: Buffer.from(`${index}`), bytes }));
    await put("knee.zip", zipOf(entries));
    await put("cut.dcm", Buffer.from(first.files[0] ?? "").subarray(0, -100));
    await put("header.dcm", beheaded(first.files[1]));
    await put("notes.txt", Buffer.from("no DICOM"));
    await symlink("/proc/self/mem", join(folder, "tree", "bad-sector"));
    return [first.studyUid, second.studyUid].toSorted();
  }

  it("stores what is good once, names what is not, and ends as trouble", async () => {
    const studies = await hostileTree();
    faults.push(htmlPage, reset, captivePortal);
    const report = join(folder, "report.csv");
    const sent = await send({
      report: (kept, unclosed) => writeSendReport(report, kept, unclosed),
    });
    expect(sent.items).toEqual({
      new: 10,
      known: 0,
      refused: 2,
      failed: 0,
      unreadable: 1,
      "not-dicom": 1,
      skipped: 0,
    });
    expect(sent.studies).toEqual(studies);
    expect(sent.complete).toBe(false);
    const names = sent.listed.map(({ name, code }) => `${name.split("/").at(-1)}: ${code}`);
    expect(names.toSorted()).toEqual([
      "bad-sector: read-error",
      "cut.dcm: truncated-pixel-data",
      "header.dcm: truncated-data-set",
      "notes.txt: not-dicom",
    ]);
    expect(sentLines(sent).join("\n")).toContain("1 unreadable: read-error (the disk");
    const rows = (await readFile(report, "utf8")).trim().split("\n");
    expect(rows[0]).toBe("row,name,state,code,study,instance,bytes,sha256");
    expect(rows.filter((row) => row.startsWith("file,"))).toHaveLength(14);
    const ofStudies = rows.filter((row) => row.startsWith("study,")).map((row) => row.split(","));
    expect(ofStudies.map(([, , state, , study]) => [study, state])).toEqual(
      studies.map((uid) => [uid, "closed"]),
    );
    const own = await Promise.all(studies.map((uid) => client().studies.get(uid)));
    expect(own.map(({ lane }) => lane)).toEqual(["backfill", "backfill"]);
    expect(own.map(({ state }) => state)).not.toContain("receiving");
  });

  it("sends nothing that the server already has, no matter who sent it", async () => {
    const { files } = phantomSeries({ kind: "brain", slices: 5, size: 16 });
    for (const [index, file] of files.entries()) await put(`${index}.dcm`, file);
    expect((await send()).items).toMatchObject({ new: 5, known: 0 });
    const requests = storeRequests;
    expect((await send()).items).toMatchObject({ new: 0, known: 5 });
    expect((await send({ journal: null })).items).toMatchObject({ new: 0, known: 5 });
    expect(storeRequests).toBe(requests);
    // The copy of a file under another name, in the same batch, is sent once.
    await put("copy.dcm", Buffer.from(files[0] ?? ""));
    expect((await send({ journal: null })).complete).toBe(true);
    expect(storeRequests).toBe(requests);
  });

  it("goes on where it was, and asks the server again what it has", async () => {
    const { files } = phantomSeries({ kind: "brain", slices: 150, size: 8 });
    for (const [index, file] of files.entries()) await put(`${index}.dcm`, file);
    // The server goes away for good while the second request of 128 files is under way.
    let stores = 0;
    const away = createServer((incoming, response) => {
      if (incoming.url === "/dicom-web/studies") stores += 1;
      if (stores >= 2) reset(incoming, response);
      else forward(incoming, response);
    });
    await new Promise<void>((resolve) => away.listen(0, "127.0.0.1", resolve));
    const other = `http://127.0.0.1:${(away.address() as AddressInfo).port}`;
    const options = { lane: "backfill", models: null, close: true, journal, parallel: 1 };
    const connection = { url: other, key: axial.key };
    const tree = [join(folder, "tree")];
    await expect(sendPaths(connection, tree, { ...options, patienceSeconds: 0 })).rejects.toThrow(
      "the same command goes on from here",
    );
    away.close();
    away.closeAllConnections();

    const sent = await send();
    expect(sent.wentOn).toBe(true);
    expect(sent.items).toMatchObject({ new: 150, known: 0, failed: 0 });
    expect(storeRequests).toBe(1);
    expect((await send()).items).toMatchObject({ new: 0, known: 150 });
  });

  it("a report says which studies the server would not close, and which it has nothing of", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 2, size: 16 });
    const [lost = Buffer.of()] = phantomSeries({ kind: "brain", slices: 1, size: 16 }).files;
    await put("one.dcm", files[0] ?? Buffer.of());
    await put("lost.dcm", lost.subarray(0, -100));
    const report = join(folder, "report.ndjson");
    const unclosed = [{ study: studyUid, code: "conflict" }];
    const options = {
      close: false,
      report: (kept: Journal) => writeSendReport(report, kept, unclosed),
    };
    const sent = await send(options);
    expect(sent.items).toMatchObject({ new: 1, refused: 1 });
    const rows = (await readFile(report, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.filter(({ row }) => row === "study")).toHaveLength(2);
    expect(rows).toContainEqual(
      expect.objectContaining({
        row: "study",
        study: studyUid,
        state: "unclosed",
        code: "conflict",
      }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ row: "study", state: "not-stored" }));
  });

  it("sends requests side by side, and reads no further than they carry", async () => {
    const { files } = phantomSeries({ kind: "brain", slices: 5 * 128, size: 8 });
    for (const [index, file] of files.entries()) await put(`${index}.dcm`, file);
    const held: (() => void)[] = [];
    for (let index = 0; index < 5; index += 1) {
      faults.push((incoming, response) => held.push(() => forward(incoming, response)));
    }
    let read = 0;
    const counted = async function* (isNewFolder: FolderMemory) {
      for await (const found of walk(Buffer.from(join(folder, "tree")), isNewFolder)) {
        read += 1;
        yield found;
      }
    };
    const options = { lane: "backfill", models: null, close: false, journal, parallel: 3 };
    const sending = sendPaths({ url, key: axial.key }, counted, options);
    await eventually("three requests are under way", () => held.length === 3);
    // A batch is known to be full by the instance after it.
    expect(read).toBeLessThanOrEqual(3 * 128 + 1);
    held.shift()?.();
    await eventually("a fourth follows the first that is answered", () => held.length === 3);
    expect(read).toBeLessThanOrEqual(4 * 128 + 1);
    const release = setInterval(() => held.shift()?.(), 10);
    expect((await sending).items).toMatchObject({ new: 5 * 128 });
    clearInterval(release);
    expect(storeRequests).toBe(5);
  });

  it("a wrong key ends it at once, and two transfers never share a journal", async () => {
    await put(
      "1.dcm",
      phantomSeries({ kind: "brain", slices: 1, size: 16 }).files[0] ?? Buffer.alloc(0),
    );
    const wrong = { url, key: "axial_wrong" };
    const options = { lane: "routine", models: null, close: true, journal };
    await expect(sendPaths(wrong, [join(folder, "tree")], options)).rejects.toMatchObject({
      status: 401,
    });
    const held = new Journal(journal);
    await expect(send()).rejects.toThrow("another transfer");
    held.close();
    expect((await send()).complete).toBe(true);
  });

  it("a watched folder is emptied: what the server has is moved, what it refuses has a reason", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 2, size: 32, seed: 77 });
    const tree = join(folder, "tree");
    await put("one.dcm", files[0] ?? Buffer.of());
    await put(Buffer.from([0x6d, 0xfc, 0x2e, 0x64, 0x63, 0x6d]), files[1] ?? Buffer.of());
    await put("header.dcm", beheaded(files[0]));
    await put("notes.txt", Buffer.from("not an image"));
    faults.push(htmlPage, reset);
    const stop = new AbortController();
    const watching = watchFolder(
      { url, key: axial.key },
      {
        ...{ folder: tree, processed: join(tree, "processed"), failed: join(tree, "failed") },
        ...{ lane: "routine", models: null, settleMs: 50, everyMs: 50, patienceSeconds: 60 },
        signal: stop.signal,
        onRound: () => {},
        onTrouble: () => {},
      },
    );
    await eventually("the folder is empty", async () => {
      const left = await readdir(tree, { encoding: "buffer" });
      return left.every((name) => ["processed", "failed"].includes(name.toString()));
    });
    const { instances } = await client().studies.get(studyUid);
    expect(instances).toBe(2);
    expect(await readdir(join(tree, "processed"))).toHaveLength(2);
    expect((await readdir(join(tree, "failed"))).toSorted()).toEqual([
      ...["header.dcm", "header.dcm.reason.txt", "notes.txt", "notes.txt.reason.txt"],
    ]);
    const reason = join(tree, "failed", "header.dcm.reason.txt");
    expect(await readFile(reason, "utf8")).toContain("truncated-data-set");
    // The same file once more: the server knows it, and its name is taken.
    const stored = storeRequests;
    await put("one.dcm", files[0] ?? Buffer.of());
    await eventually("it is moved beside the first", async () => {
      return (await readdir(join(tree, "processed"))).includes("one.dcm.1");
    });
    expect(storeRequests).toBe(stored);
    stop.abort();
    await watching;
  });

  it("axial ae adds, lists and removes callers of C-STORE", async () => {
    const { programFor } = await import("../../src/program.ts");
    const axialAe = async (...args: string[]): Promise<string> => {
      const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
      try {
        const at = ["--url", url, "--key", axial.key];
        const program = await programFor(["ae"]);
        await program.parseAsync(["node", "axial", "ae", ...args, ...at]);
        return said.mock.calls.map(([text]) => String(text)).join("");
      } finally {
        said.mockRestore();
      }
    };
    const titles = ["AXIAL_CT", "--calling", "CT_1", "--lane", "stat", "--close-on-release"];
    const made = await axialAe("add", ...titles, "--host", "ct-1.local", "--port", "104", "--json");
    const entity = JSON.parse(made);
    expect(entity).toMatchObject({
      ...{ calledTitle: "AXIAL_CT", callingTitle: "CT_1", lane: "stat", closeOnRelease: true },
      ...{ host: "ct-1.local", port: 104 },
    });
    await expect(axialAe("add", ...titles)).rejects.toMatchObject({ code: "conflict" });
    expect(await axialAe("list")).toMatch(/AXIAL_CT +CT_1 +default +stat +\(planner\) +ct-1/);
    expect(await axialAe("remove", entity.id)).toBe("removed\n");
    await expect(axialAe("remove", entity.id)).rejects.toMatchObject({ code: "not-found" });
  });
});
