import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** A program that decompresses DICOM files, and the transfer syntaxes that it takes. */
interface Peer {
  readonly name: string;
  readonly command: (uid: string) => readonly string[] | null;
}

const JPEG = "1.2.840.10008.1.2.4.";
const DCMTK: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.5": "dcmdrle",
  [`${JPEG}51`]: "dcmdjpeg",
  [`${JPEG}57`]: "dcmdjpeg",
  [`${JPEG}70`]: "dcmdjpeg",
  [`${JPEG}80`]: "dcmdjpls",
  [`${JPEG}81`]: "dcmdjpls",
};
const GDCM = ["1.2.840.10008.1.2.5", ...["51", "57", "70", "80", "81", "90"].map((n) => JPEG + n)];

const PEERS: readonly Peer[] = [
  { name: "dcmtk", command: (uid) => (DCMTK[uid] ? [DCMTK[uid]] : null) },
  { name: "gdcm", command: (uid) => (GDCM.includes(uid) ? ["gdcmconv", "--raw"] : null) },
];

const ROUNDS = 3;

interface PeerFiles {
  readonly folder: string;
  /** Files of the same slice once and `frames` times: the difference is decoding alone. */
  readonly one: string;
  readonly many: string;
  readonly frames: number;
}

/** Frames per second of each peer, start of the process taken off; null where it cannot. */
export function peerRates(uid: string, files: PeerFiles): Record<string, number | null> {
  return Object.fromEntries(
    PEERS.map(({ name, command }) => [`${name}FramesPerSecond`, rate(command(uid), files)]),
  );
}

function rate(command: readonly string[] | null, files: PeerFiles): number | null {
  if (command === null) return null;
  const output = join(files.folder, "out.dcm");
  const one = fastest([...command, files.one, output]);
  const many = fastest([...command, files.many, output]);
  if (one === null || many === null || many <= one) return null;
  return Math.round(((files.frames - 1) / (many - one)) * 1_000);
}

/** The lowest CPU milliseconds over several rounds; null when the program is missing or fails. */
function fastest(command: readonly string[]): number | null {
  let least: number | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const spent = childCpuMs(command);
    if (spent === null) return null;
    least = Math.min(least ?? Number.POSITIVE_INFINITY, spent);
  }
  return least;
}

/** The shell's `times` tells what its children used, as in `0m1.234s 0m0.012s`. */
function childCpuMs(command: readonly string[]): number | null {
  const script = '"$0" "$@" >/dev/null 2>&1 || exit 1; times';
  const shell = spawnSync("bash", ["-c", script, ...command], { encoding: "utf8" });
  const children = shell.stdout?.trim().split("\n")[1] ?? "";
  const spent = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (shell.status !== 0 || spent.length !== 2) return null;
  return spent.reduce((sum, [, min, sec]) => sum + Number(min) * 60_000 + Number(sec) * 1_000, 0);
}
