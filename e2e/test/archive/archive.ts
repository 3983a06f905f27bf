import { newUid } from "@axial/contracts";
import { parseMediaType } from "@axial/kit";
import { type DataSetElements, type Part10, writePart10 } from "@axial/testkit";
import type { DicomwebServer } from "../../src/dicomweb-server.ts";
import { receivedParts } from "../../src/stow.ts";

export const study = newUid();
export const series = newUid();

/** A grey image of 6 by 4, twelve bits, with these elements more. */
export function image(
  uid: string,
  file: Omit<Part10, "elements"> & { elements?: DataSetElements } = {},
): Buffer {
  return writePart10({
    ...file,
    elements: {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
      SOPInstanceUID: uid,
      StudyInstanceUID: study,
      SeriesInstanceUID: series,
      PatientName: "Test^Retrieve",
      Modality: "MR",
      Rows: 4,
      Columns: 6,
      SamplesPerPixel: 1,
      PhotometricInterpretation: "MONOCHROME2",
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      ...file.elements,
    },
  });
}

/** One frame of 16-bit cells in RLE (PS3.5 annex G): its two byte planes as literal runs. */
export function rleFrame(cells: Uint16Array): Buffer {
  const planes = [8, 0].map((shift) => {
    const bytes = Buffer.from(cells.map((cell) => (cell >> shift) & 0xff));
    const run = Buffer.concat([Buffer.of(bytes.length - 1), bytes]);
    return run.length % 2 === 0 ? run : Buffer.concat([run, Buffer.of(0x80)]);
  });
  const header = Buffer.alloc(64);
  header.writeUInt32LE(2, 0);
  header.writeUInt32LE(64, 4);
  header.writeUInt32LE(64 + (planes[0]?.length ?? 0), 8);
  return Buffer.concat([header, ...planes]);
}

/** Cells that differ from frame to frame. */
export function cells(seed: number): Uint16Array {
  return Uint16Array.from({ length: 24 }, (_, index) => (seed * 100 + index * 7) & 0xfff);
}

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export async function get(
  gateway: Pick<DicomwebServer, "url" | "key">,
  path: string,
  headers: Record<string, string> = {},
): Promise<Got> {
  const response = await fetch(`${gateway.url}/dicom-web${path}`, {
    headers: { authorization: `Bearer ${gateway.key}`, ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

interface GotPart {
  readonly type: string;
  readonly location: string | undefined;
  readonly bytes: Buffer;
}

/** The parts of a multipart answer. */
export function partsOf({ headers, bytes }: Got): GotPart[] {
  const media = parseMediaType(headers.get("content-type") ?? "");
  const parts = receivedParts(bytes, media.parameters.get("boundary") ?? "");
  return parts.map((part) => ({
    type: part.headers.get("content-type") ?? "",
    location: part.headers.get("content-location"),
    bytes: part.bytes,
  }));
}
