import { randomBytes } from "node:crypto";
import { phantomSeries } from "@axial/testkit";

const SIDE = 320;
const SAMPLE_BYTES = 2;
/** Digits of the UIDs that are written over; each instance gets its own. */
const UID_DIGITS = 32;

/** One generated MR instance, cut so that many different ones cost a few hundred bytes each. */
export interface InstanceTemplate {
  readonly bytes: number;
  /** The bytes before the pixels, with these numbers as parts of the UIDs. */
  header(ids: { study: number; instance: number }): Buffer;
  /** Noise, the same for all. */
  readonly pixels: Buffer;
}

/** A 320 × 320 instance of 16 bits. */
export function instanceTemplate(): InstanceTemplate {
  const { studyUid, seriesUid, files } = phantomSeries({ kind: "brain", slices: 1, size: SIDE });
  const [file] = files;
  if (file === undefined) throw new Error("no phantom");
  const pixelBytes = SIDE * SIDE * SAMPLE_BYTES;
  const head = file.subarray(0, file.length - pixelBytes);
  const salt = BigInt(`0x${randomBytes(4).toString("hex")}`);
  const places = {
    study: placesOf(head, studyUid),
    series: placesOf(head, seriesUid),
    instance: placesOf(head, sopInstanceUid(head)),
  };
  return {
    bytes: file.length,
    pixels: randomBytes(pixelBytes),
    header: ({ study, instance }) => {
      const header = Buffer.from(head);
      write(header, places.study, salt * 10n ** 12n + BigInt(study));
      write(header, places.series, salt * 10n ** 12n + BigInt(study));
      write(header, places.instance, salt * 10n ** 12n + BigInt(instance));
      return header;
    },
  };
}

/** The generator's UIDs are "2.25." and up to 39 digits; these find where they lie. */
function placesOf(head: Buffer, uid: string): number[] {
  const places: number[] = [];
  for (let at = head.indexOf(uid); at !== -1; at = head.indexOf(uid, at + 1)) {
    places.push(at + uid.length - UID_DIGITS);
  }
  if (places.length === 0) throw new Error("a UID is not where it should be");
  return places;
}

/** Media Storage SOP Instance UID (0002,0003). */
function sopInstanceUid(head: Buffer): string {
  const at = head.indexOf(Buffer.from([0x02, 0x00, 0x03, 0x00])) + 8;
  const length = head.readUInt16LE(at - 2);
  return head.toString("latin1", at, at + length).replace(/\0$/, "");
}

function write(header: Buffer, places: readonly number[], value: bigint): void {
  const digits = value.toString().padStart(UID_DIGITS, "1");
  for (const place of places) header.write(digits, place, "latin1");
}
