import { mutate, type Random } from "@axial/dicom/fuzz";
import { phantomSeries } from "@axial/testkit";
import type { System } from "../system.ts";
import { request, type Target } from "./target.ts";

const BOUNDARIES = ["b", "axial", "--", "a".repeat(70), "a".repeat(300), "b\\", "(x)", "é", " "];
const LINE_ENDS = ["\r\n", "\n", "\r", "\r\n\r\n", ""];
const HEADERS = [
  "Content-Type: application/dicom",
  'Content-Type: text/plain; name="x',
  "Content-Length: 99999999999999",
  "Content-Transfer-Encoding: base64",
  `X: ${"y".repeat(20_000)}`,
  ": nothing",
  "\0: \0",
];
const TYPES = [
  'multipart/related; type="application/dicom"; boundary=',
  "multipart/related; boundary=",
  'multipart/related; boundary="',
  "multipart/mixed; boundary=",
  "multipart/related;;;boundary=",
];

/** Bodies whose framing is wrong. */
export const multipartTarget: Target = { name: "multipart", send };

function send(system: System, random: Random) {
  const boundary = random.pick(BOUNDARIES) ?? "b";
  const [file = Buffer.alloc(0)] = phantomSeries({ kind: "brain", slices: 1, size: 16 }).files;
  const parts = Array.from({ length: random.below(4) }, () => partOf(boundary, file, random));
  const closed = random.below(3) === 0 ? "" : `--${boundary}--`;
  const whole = Buffer.concat([...parts, Buffer.from(closed)]);
  const body = random.below(2) === 0 ? mutate(whole, random) : whole;
  const headers = {
    authorization: `Bearer ${system.key}`,
    "content-type": `${random.pick(TYPES)}${encodeURI(boundary)}`,
  };
  const url = `${system.url.gateway}/dicom-web/studies`;
  return request(url, { method: "POST", headers, body: new Uint8Array(body) }, body);
}

function partOf(boundary: string, file: Buffer, random: Random): Buffer {
  const end = () => random.pick(random.below(3) === 0 ? LINE_ENDS : ["\r\n"]) ?? "";
  const headers = Array.from({ length: random.below(4) }, () => `${random.pick(HEADERS)}${end()}`);
  const head = `--${boundary}${end()}${headers.join("")}${end()}`;
  const content = random.below(2) === 0 ? file : Buffer.from(`--${boundary}\r\n`.repeat(5));
  return Buffer.concat([Buffer.from(head), content, Buffer.from(end())]);
}
