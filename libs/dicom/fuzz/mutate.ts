import type { Random } from "./random.ts";

type Mutator = (bytes: Buffer, random: Random) => Buffer;

/** Lengths and counts at which arithmetic goes wrong. */
const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0xffff_ffff];

const TAGS = [0x0028_0002, 0x0028_0008, 0x0028_0010, 0x0028_0100, 0x7fe0_0010, 0xfffe_e000];
const DELIMITERS = ["feff00e0", "feff0de0", "feffdde0", "e07f1000", "ff4fff51", "ffd8ffda"];

const flipBits: Mutator = (bytes, random) => {
  for (let left = 1 + random.below(8); left > 0; left -= 1) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
};

const setBytes: Mutator = (bytes, random) => {
  const at = random.below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + random.below(16));
  return bytes.fill(random.below(256), at, end);
};

const truncate: Mutator = (bytes, random) => bytes.subarray(0, random.below(bytes.length));

/** Two or four bytes at an even offset become a number that a reader may take for a length. */
const editLength: Mutator = (bytes, random) => {
  if (bytes.length < 8) return bytes;
  const at = random.below(bytes.length - 4) & ~1;
  const value = random.pick(INTERESTING) ?? 0;
  if (random.below(2) === 0) bytes.writeUInt16LE(value & 0xffff, at);
  else bytes.writeUInt32LE(value, at);
  return bytes;
};

/** The value of a tag that decides sizes, wherever it stands in explicit little endian. */
const editKnownTag: Mutator = (bytes, random) => {
  const tag = random.pick(TAGS) ?? 0;
  const wanted = Buffer.alloc(4);
  wanted.writeUInt16LE(tag >>> 16, 0);
  wanted.writeUInt16LE(tag & 0xffff, 2);
  const at = bytes.indexOf(wanted, 132);
  if (at < 0 || at + 12 > bytes.length) return flipBits(bytes, random);
  bytes.writeUInt16LE((random.pick(INTERESTING) ?? 0) & 0xffff, at + 4 + random.below(7));
  return bytes;
};

const swapTags: Mutator = (bytes, random) => {
  if (bytes.length < 300) return flipBits(bytes, random);
  const [a, b] = [random.below(bytes.length - 4) & ~1, random.below(bytes.length - 4) & ~1];
  const kept = Buffer.from(bytes.subarray(a, a + 4));
  bytes.copyWithin(a, b, b + 4);
  kept.copy(bytes, b);
  return bytes;
};

const insertDelimiter: Mutator = (bytes, random) => {
  const at = random.below(bytes.length);
  Buffer.from(random.pick(DELIMITERS) ?? "", "hex").copy(bytes, at);
  return bytes;
};

const removeRange: Mutator = (bytes, random) => {
  const at = random.below(bytes.length);
  const end = at + 1 + random.below(Math.min(64, bytes.length));
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
};

const repeatRange: Mutator = (bytes, random) => {
  const at = random.below(bytes.length);
  const end = at + 1 + random.below(256);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
};

const MUTATORS: readonly Mutator[] = [
  flipBits,
  flipBits,
  setBytes,
  truncate,
  editLength,
  editLength,
  editKnownTag,
  editKnownTag,
  swapTags,
  insertDelimiter,
  removeRange,
  repeatRange,
];

/** A damaged copy of `bytes`: one to four mutations. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutant: Buffer = Buffer.from(bytes);
  for (let left = 1 + random.below(4); left > 0 && mutant.length > 0; left -= 1) {
    mutant = random.pick(MUTATORS)?.(mutant, random) ?? mutant;
  }
  return mutant;
}
