import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { MultipartReader } from "../../src/multipart/multipart-reader.ts";

interface ReadPart {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(text: string | Buffer, size: number, boundary = "b"): Promise<ReadPart[]> {
  const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  const reader = new MultipartReader(inChunks(bytes, size), boundary);
  const parts: ReadPart[] = [];
  for (let part = await reader.next(); part !== null; part = await reader.next()) {
    const chunks: Buffer[] = [];
    for await (const chunk of part.body) chunks.push(chunk);
    parts.push({ headers: Object.fromEntries(part.headers), body: Buffer.concat(chunks) });
  }
  return parts;
}

const bodies = (parts: ReadPart[]) => parts.map((part) => part.body.toString("latin1"));

const WELL_FORMED: [string, string, string[]][] = [
  ["plain", "--b\r\nContent-Type: x\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["one", "two"]],
  ["no final CRLF", "--b\r\n\r\none\r\n--b--", ["one"]],
  ["line feeds only", "--b\nContent-Type: x\n\none\n--b\n\ntwo\n--b--\n", ["one", "two"]],
  ["preamble and epilogue", "hello\r\n--b\r\n\r\none\r\n--b--\r\nbye\r\n--b\r\n", ["one"]],
  ["leading CRLF", "\r\n--b\r\n\r\none\r\n--b--\r\n", ["one"]],
  ["padding after the boundary", "--b  \t\r\n\r\none\r\n--b-- \r\n", ["one"]],
  ["empty body", "--b\r\nContent-Type: x\r\n\r\n\r\n--b--\r\n", [""]],
  ["empty body, shared line end", "--b\r\nContent-Type: x\r\n\r\n--b--\r\n", [""]],
  ["no header end", "--b\r\nContent-Type: x\r\n--b--\r\n", [""]],
  ["nothing in a part", "--b\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["", "two"]],
  ["no parts", "--b--\r\n", []],
  ["line ends in the body", "--b\r\n\r\n\r\n\r\na\r\n\r\n--b--", ["\r\n\r\na\r\n"]],
  ["almost a boundary", "--b\r\n\r\nx--b\r\n-b\r\n--\r\n--b--", ["x--b\r\n-b\r\n--"]],
];

const MALFORMED: [string, string][] = [
  ["nothing at all", ""],
  ["another boundary", "--c\r\n\r\none\r\n--c--\r\n"],
  ["cut in the body", "--b\r\n\r\none"],
  ["cut after a boundary", "--b\r\n\r\none\r\n--b\r\n"],
  ["text after a boundary", "--b oops\r\n\r\none\r\n--b--"],
  ["a header without a colon", "--b\r\nnonsense\r\n\r\none\r\n--b--"],
];

describe.each([1, 2, 3, 7, 64, 65_536])("in chunks of %i bytes", (size) => {
  test.each(WELL_FORMED)("%s", async (_name, text, expected) => {
    expect(bodies(await readAll(text, size))).toEqual(expected);
  });

  test.each(MALFORMED)("refuses: %s", async (_name, text) => {
    await expect(readAll(text, size)).rejects.toMatchObject({ code: "invalid-multipart" });
  });

  test("headers, folded to lower case", async () => {
    const text = "--b\r\nContent-Type:  application/dicom ; a=b \r\nX: \r\n\r\n1\r\n--b--";
    expect((await readAll(text, size))[0]?.headers).toEqual({
      "content-type": "application/dicom ; a=b",
      x: "",
    });
  });
});

test.each([17, 1_000, 65_536])(
  "binary bodies come through bit by bit, chunks of %i",
  async (size) => {
    const sent = [randomBytes(200_000), randomBytes(1), randomBytes(65_537)];
    const message = Buffer.concat([
      ...sent.flatMap((body) => [Buffer.from("--b-1\r\n\r\n"), body, Buffer.from("\r\n")]),
      Buffer.from("--b-1--\r\n"),
    ]);
    const parts = await readAll(message, size, "b-1");
    expect(parts.map((part) => part.body.equals(sent[parts.indexOf(part)] ?? Buffer.of()))).toEqual(
      [true, true, true],
    );
  },
);

test("an unread part is skipped", async () => {
  const reader = new MultipartReader(
    inChunks(Buffer.from("--b\r\n\r\none\r\n--b\r\nName: 2\r\n\r\ntwo\r\n--b--"), 5),
    "b",
  );
  await reader.next();
  expect((await reader.next())?.headers.get("name")).toBe("2");
  expect(await reader.next()).toBeNull();
  expect(await reader.next()).toBeNull();
});

test("limits: endless lines, headers and preambles", async () => {
  const endless = [`--b\r\nA: ${"x".repeat(9_000)}`, `--b\r\n${"A: b\r\n".repeat(40)}`];
  endless.push("x".repeat(70_000));
  for (const text of endless) {
    await expect(readAll(text, 1_000)).rejects.toMatchObject({ code: "invalid-multipart" });
  }
  expect(() => new MultipartReader(inChunks(Buffer.of(), 1), undefined)).toThrow("boundary");
});
