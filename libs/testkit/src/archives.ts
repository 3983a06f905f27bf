import { crc32, gzipSync } from "node:zlib";
import { pack } from "tar-stream";

export interface Packed {
  readonly name: Buffer;
  readonly bytes: Buffer;
}

/** A zip archive with its entries stored as they are (APPNOTE 4.3). */
export function zipOf(entries: readonly Packed[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, tail, name);
    files.push(Buffer.from("PK\x03\x04", "latin1"), common, name, bytes);
    offset += 30 + name.length + bytes.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from("PK\x05\x06", "latin1"), end]);
}

export async function tarOf(entries: readonly Packed[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, bytes } of entries) archive.entry({ name: name.toString() }, bytes);
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces);
}

export async function tarGzipOf(entries: readonly Packed[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries));
}
