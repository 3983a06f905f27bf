import { TextDecoder } from "node:util";

/**
 * SpecificCharacterSet (0008,0005) to text, PS3.3 C.12.1.1.2. Unknown terms and undecodable bytes
 * become replacement characters, never an error: a name is not worth a refused study.
 */
const SINGLE: Readonly<Record<string, string>> = {
  "": "latin1",
  "ISO_IR 6": "latin1",
  "ISO_IR 100": "iso-8859-1",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "iso-8859-9",
  "ISO_IR 203": "iso-8859-15",
  "ISO_IR 13": "shift_jis",
  "ISO_IR 166": "windows-874",
  "ISO_IR 192": "utf-8",
  GB18030: "gb18030",
  GBK: "gbk",
};

/** Escape sequences of ISO 2022 as in PS3.3 C.12-3 and C.12-4, and what they switch to. */
const ESCAPES: readonly (readonly [sequence: string, encoding: string])[] = [
  ["\x1b(B", "latin1"],
  ["\x1b(J", "shift_jis"],
  ["\x1b)I", "shift_jis"],
  ["\x1b-A", "iso-8859-1"],
  ["\x1b-B", "iso-8859-2"],
  ["\x1b-C", "iso-8859-3"],
  ["\x1b-D", "iso-8859-4"],
  ["\x1b-L", "iso-8859-5"],
  ["\x1b-G", "iso-8859-6"],
  ["\x1b-F", "iso-8859-7"],
  ["\x1b-H", "iso-8859-8"],
  ["\x1b-M", "iso-8859-9"],
  ["\x1b-b", "iso-8859-15"],
  ["\x1b-T", "windows-874"],
  ["\x1b$B", "jis-x-0208"],
  ["\x1b$@", "jis-x-0208"],
  ["\x1b$(D", "jis-x-0212"],
  ["\x1b$)C", "euc-kr"],
  ["\x1b$)A", "gbk"],
];

const decoders = new Map<string, TextDecoder>();

function decoder(encoding: string): TextDecoder {
  const known = decoders.get(encoding);
  if (known) return known;
  const made = new TextDecoder(encoding);
  decoders.set(encoding, made);
  return made;
}

/** `bytes` as text; `charsets` are the values of SpecificCharacterSet. */
export function decodeText(bytes: Buffer, charsets: readonly string[]): string {
  const initial = encodingOf(charsets[0] ?? "");
  if (bytes.includes(0x1b)) return decodeWithEscapes(bytes, initial);
  return decodeRun(bytes, initial);
}

function encodingOf(term: string): string {
  return SINGLE[term.replace("ISO 2022 IR", "ISO_IR").trim()] ?? "latin1";
}

function decodeRun(bytes: Buffer, encoding: string): string {
  if (encoding === "latin1") return bytes.toString("latin1");
  if (encoding === "jis-x-0208") {
    return decoder("euc-jp").decode(Buffer.from(bytes.map((byte) => byte | 0x80)));
  }
  if (encoding === "jis-x-0212") return decodeJisX0212(bytes);
  return decoder(encoding).decode(bytes);
}

/** EUC-JP reaches JIS X 0212 through a leading 8F before each pair. */
function decodeJisX0212(bytes: Buffer): string {
  const euc: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    euc.push(0x8f, (bytes[at] ?? 0) | 0x80, (bytes[at + 1] ?? 0) | 0x80);
  }
  return decoder("euc-jp").decode(Buffer.from(euc));
}

function decodeWithEscapes(bytes: Buffer, initial: string): string {
  let encoding = initial;
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const found = bytes[at] === 0x1b ? escapeAt(bytes, at) : null;
    if (found) {
      encoding = found[1];
      at += found[0].length;
    }
    const next = nextSwitch(bytes, at);
    text += decodeRun(bytes.subarray(at, next.end), encoding);
    if (next.resets) encoding = initial;
    at = next.end;
  }
  return text;
}

function escapeAt(bytes: Buffer, at: number): (typeof ESCAPES)[number] | null {
  const head = bytes.toString("latin1", at, at + 4);
  return ESCAPES.find(([sequence]) => head.startsWith(sequence)) ?? null;
}

/** A run ends at the next escape; the delimiters = ^ \ CR LF put the first character set back. */
function nextSwitch(bytes: Buffer, from: number): { end: number; resets: boolean } {
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x1b && at > from) return { end: at, resets: false };
    at += 1;
    if (byte === 0x0a || byte === 0x0d) return { end: at, resets: true };
  }
  return { end: at, resets: false };
}
