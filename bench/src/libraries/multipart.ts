import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { MultipartReader } from "@axial/gateway/multipart";
import { Dicer } from "@fastify/busboy";
import { cpuRate } from "../cpu-rate.ts";

const PARTS = 64;
const PART_BYTES = 200_000;
/** What Node's HTTP server hands out at a time. */
const CHUNK_BYTES = 65_536;
const CASES: readonly (readonly [string, string])[] = [
  ["line feeds without CR", "--b\nA: b\n\none\n--b--\n"],
  ["no final CRLF", "--b\r\nA: b\r\n\r\none\r\n--b--"],
  ["cut in a part", "--b\r\nA: b\r\n\r\none"],
  ["text after a boundary", "--b oops\r\nA: b\r\n\r\none\r\n--b--"],
  ["a header without a colon", "--b\r\nnonsense\r\n\r\none\r\n--b--"],
];

type Read = (bytes: Buffer) => Promise<number>;

/** Our multipart reader beside the Dicer of @fastify/busboy: speed, and what either takes. */
export async function compareMultipartReaders(): Promise<object> {
  const body = stowBody();
  const megabytes = body.length / 1e6;
  const speed = async (read: Read) => Math.round(megabytes * (await cpuRate(() => read(body))));
  return {
    body: { parts: PARTS, partBytes: PART_BYTES, chunkBytes: CHUNK_BYTES },
    megabytesPerSecond: { ours: await speed(readWithOurs), dicer: await speed(readWithDicer) },
    taken: await Promise.all(
      CASES.map(async ([name, text]) => ({
        name,
        ours: await taken(readWithOurs, text),
        dicer: await taken(readWithDicer, text),
      })),
    ),
  };
}

function stowBody(): Buffer {
  const part = Buffer.concat([
    Buffer.from("--b\r\nContent-Type: application/dicom\r\n\r\n"),
    randomBytes(PART_BYTES),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...Array.from({ length: PARTS }, () => part), Buffer.from("--b--\r\n")]);
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    yield bytes.subarray(at, at + CHUNK_BYTES);
  }
}

async function readWithOurs(bytes: Buffer): Promise<number> {
  const reader = new MultipartReader(Readable.from(chunks(bytes)), "b");
  let read = 0;
  for (let part = await reader.next(); part !== null; part = await reader.next()) {
    for await (const chunk of part.body) read += chunk.length;
  }
  return read;
}

async function readWithDicer(bytes: Buffer): Promise<number> {
  const dicer = new Dicer({ boundary: "b" });
  let read = 0;
  dicer.on("part", (part) => {
    part.on("error", () => {});
    part.on("data", (chunk: Buffer) => {
      read += chunk.length;
    });
  });
  const finished = once(dicer, "finish");
  Readable.from(chunks(bytes)).pipe(dicer);
  await finished;
  return read;
}

async function taken(read: Read, text: string): Promise<boolean> {
  return read(Buffer.from(text)).then(
    () => true,
    () => false,
  );
}
