import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeObject } from "@axial/dicom";
import { phantomSeries, tarGzipOf, tarOf, zipOf } from "@axial/testkit";

const run = promisify(execFile);

/** Each tenth study is a knee, which the model refuses. */
const KNEE_EVERY = 10;
/** With 60 studies enough for three requests of a client. */
const SLICES = 6;
/** Studies in each of the three archives. */
const PACKED = 2;
const FOLDER = 25;
/** Why the server refuses the one file of a study that was cut off; its other files are lost. */
export const CUT_OFF = "truncated-pixel-data";
/** Bytes before the data set (PS3.10 7.1): a preamble and "DICM". */
const PREAMBLE = 132;

/** What is in a tree, and so what has to come out of it. */
export interface HostileTree {
  readonly studies: number;
  readonly knees: number;
  /** Instances that the server can store, each once. */
  readonly instances: number;
  /** Items that are no instance, by the code that they are listed with. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/**
 * Writes studies as old archives have them: names in Latin-1, files without preamble,
 * some in a zip, a tar and a compressed tar; and among them what no study is made of.
 */
export async function writeHostileTree(tree: string, studies: number): Promise<HostileTree> {
  await mkdir(tree, { recursive: true });
  const packed: { name: Buffer; bytes: Buffer }[] = [];
  for (let index = 0; index < studies; index += 1) {
    const files = filesOf(index);
    if (index < PACKED * 3) {
      packed.push(...files.map((bytes, at) => ({ name: Buffer.from(`${index}/IM${at}`), bytes })));
    } else await writeStudy(tree, index, files);
  }
  const each = PACKED * SLICES;
  await writeFile(join(tree, "one.zip"), zipOf(packed.slice(0, each)));
  await writeFile(join(tree, "two.tar"), await tarOf(packed.slice(each, 2 * each)));
  await writeFile(join(tree, "three.tar.gz"), await tarGzipOf(packed.slice(2 * each)));
  return {
    studies,
    knees: Math.ceil(studies / KNEE_EVERY),
    instances: studies * SLICES,
    leftOut: await writeRubbish(tree, studies),
  };
}

function filesOf(index: number): Buffer[] {
  const kind = index % KNEE_EVERY === 0 ? "knee" : "brain";
  return phantomSeries({ kind, slices: SLICES, size: 16, seed: index + 1 }).files.map(Buffer.from);
}

async function writeStudy(tree: string, index: number, files: readonly Buffer[]): Promise<void> {
  const name = join(tree, String(Math.floor(index / FOLDER)), `\xe9t\xfcde-${index}`);
  const own = Buffer.from(name, "latin1");
  await mkdir(own, { recursive: true });
  for (const [slice, file] of files.entries()) {
    const path = Buffer.concat([own, Buffer.from(`/IM${slice}`)]);
    await writeFile(path, slice === 0 ? file : file.subarray(PREAMBLE));
  }
}

/** Whatever else lies in an archive. Returns it by the code of each. */
async function writeRubbish(tree: string, studies: number): Promise<Record<string, number>> {
  const [whole = Buffer.of()] = filesOf(studies);
  await writeFile(join(tree, "cut-off.dcm"), whole.subarray(0, whole.length - 100));
  await writeFile(join(tree, "readme.txt"), "no DICOM");
  await writeFile(join(tree, "empty.dcm"), "");
  await writeFile(join(tree, "DICOMDIR"), directory());
  await writeFile(join(tree, "damaged.zip"), zipOf([]).subarray(0, 12));
  await run("mkfifo", [join(tree, "pipe")]);
  await symlink(tree, join(tree, "loop"));
  await symlink(join(tree, "gone"), join(tree, "broken"));
  // A file that opens, and whose first read fails: as on a disk that dies, for root too.
  await symlink("/proc/self/mem", join(tree, "dying-disk.dcm"));
  return {
    [CUT_OFF]: 1,
    "not-dicom": 1,
    empty: 1,
    dicomdir: 1,
    "broken-archive": 1,
    "no-file": 1,
    "already-read": 1,
    "broken-link": 1,
    "read-error": 1,
  };
}

/** A DICOMDIR that lists nothing (PS3.3 F.3). */
function directory(): Buffer {
  return writeObject({
    implementationClassUid: "2.25.1",
    implementationVersion: "ARCHIVE",
    attributes: {
      SOPClassUID: "1.2.840.10008.1.3.10",
      SOPInstanceUID: "2.25.2",
      FileSetID: "ARCHIVE",
    },
  });
}
