import { EXPLICIT_LITTLE_ENDIAN, transferSyntaxOf } from "@axial/dicom";
import type { MediaType } from "@axial/kit";
import { acceptedTypes, covers, FRAME_MEDIA } from "@axial/kit";

/** How a resource is sent: alone or in parts, as which type, and as it is stored or decoded. */
export interface Representation {
  readonly multipart: boolean;
  readonly type: string;
  readonly form: "stored" | "explicit";
  readonly transferSyntax: string;
  /** The client named this transfer syntax: another one is no answer. */
  readonly strict: boolean;
}

export const DICOM = "application/dicom";
export const OCTETS = "application/octet-stream";

/** Not to be used with web services (PS3.18 8.7.3): sent as Explicit VR Little Endian instead. */
const NOT_ON_THE_WEB = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.2"];

/** Media types of compressed frames, then those that older clients say. */
const RLE = [FRAME_MEDIA.rle, "image/x-dicom-rle"];
const JPEG = [FRAME_MEDIA.jpeg];
const JPEG_LS = [FRAME_MEDIA.jpegLs, "image/x-jls"];
const JPEG_2000 = [FRAME_MEDIA.jpeg2000];
const JPEG_XL = [FRAME_MEDIA.jpegXl];
const HTJ2K = [FRAME_MEDIA.htj2k, "image/jhc"];
const FRAME_TYPES: Readonly<Record<string, readonly string[]>> = {
  "1.2.840.10008.1.2.5": RLE,
  "1.2.840.10008.1.2.4.50": JPEG,
  "1.2.840.10008.1.2.4.51": JPEG,
  "1.2.840.10008.1.2.4.57": JPEG,
  "1.2.840.10008.1.2.4.70": JPEG,
  "1.2.840.10008.1.2.4.80": JPEG_LS,
  "1.2.840.10008.1.2.4.81": JPEG_LS,
  "1.2.840.10008.1.2.4.90": JPEG_2000,
  "1.2.840.10008.1.2.4.91": JPEG_2000,
  "1.2.840.10008.1.2.4.110": JPEG_XL,
  "1.2.840.10008.1.2.4.111": JPEG_XL,
  "1.2.840.10008.1.2.4.112": JPEG_XL,
  "1.2.840.10008.1.2.4.201": HTJ2K,
  "1.2.840.10008.1.2.4.202": HTJ2K,
  "1.2.840.10008.1.2.4.203": HTJ2K,
};

/** One acceptable media range: of parts, or of the whole body. */
interface Range {
  readonly multipart: boolean;
  readonly type: string;
  readonly transferSyntax: string | null;
}

function ranges(accept: string | undefined): Range[] {
  return acceptedTypes(accept).flatMap((media) => rangeOf(media));
}

function rangeOf({ type, parameters }: MediaType): Range[] {
  const transferSyntax = parameters.get("transfer-syntax") ?? null;
  if (type === "multipart/related") {
    const inner = parameters.get("type")?.toLowerCase() ?? "*/*";
    return [{ multipart: true, type: inner, transferSyntax }];
  }
  const any = type === "*/*" ? [{ multipart: true, type, transferSyntax }] : [];
  return [...any, { multipart: false, type, transferSyntax }];
}

/**
 * How an instance stored in `stored` is sent as a file; null when nothing acceptable can be made.
 * Without a transfer syntax the default is Explicit VR Little Endian, except for what the service
 * holds only as lossy or cannot decode (PS3.18 8.7.3.5.2).
 */
export function chooseDicom(
  accept: string | undefined,
  { stored, single }: { readonly stored: string; readonly single: boolean },
): Representation | null {
  for (const { multipart, type, transferSyntax } of ranges(accept)) {
    if (!covers(type, DICOM) || (!multipart && !single)) continue;
    const form = formOf(transferSyntax, stored);
    if (form === null) continue;
    const uid = form === "stored" ? stored : EXPLICIT_LITTLE_ENDIAN;
    const strict = transferSyntax !== null && transferSyntax !== "*";
    return { multipart, type: DICOM, form, transferSyntax: uid, strict };
  }
  return null;
}

/** Whether what is asked for is what is stored, or is made by decoding; null when neither. */
function formOf(wanted: string | null, stored: string): "stored" | "explicit" | null {
  const { codec, lossy } = transferSyntaxOf(stored);
  const storedOnWeb = NOT_ON_THE_WEB.includes(stored) ? "explicit" : "stored";
  if (stored === EXPLICIT_LITTLE_ENDIAN) {
    return wanted === null || wanted === "*" || wanted === stored ? "stored" : null;
  }
  if (wanted === null) return lossy || codec === null ? storedOnWeb : "explicit";
  if (wanted === "*") return storedOnWeb;
  if (wanted === EXPLICIT_LITTLE_ENDIAN) return codec === null ? null : "explicit";
  return wanted === stored && storedOnWeb === "stored" ? "stored" : null;
}

/**
 * How frames of an instance stored in `stored` are sent: uncompressed octets, or the compressed
 * frames as they are. A body that is not multipart holds one frame (`single`).
 */
export function chooseFrames(
  accept: string | undefined,
  { stored, single }: { readonly stored: string; readonly single: boolean },
): Representation | null {
  for (const range of ranges(accept)) {
    if (!range.multipart && !single) continue;
    const found = framesIn(range, stored);
    if (found) return { ...found, multipart: range.multipart };
  }
  return null;
}

function framesIn({ type, transferSyntax }: Range, stored: string) {
  const { codec } = transferSyntaxOf(stored);
  const compressedType = FRAME_TYPES[stored]?.find((each) => covers(type, each));
  const strict = transferSyntax !== null && transferSyntax !== "*";
  const asStored = { form: "stored", transferSyntax: stored, strict } as const;
  const octets = { type: OCTETS, form: "explicit", strict } as const;
  const wantsStored = transferSyntax === stored || transferSyntax === "*";
  if (covers(type, OCTETS)) {
    if (wantsStored && FRAME_TYPES[stored] !== undefined) return { ...asStored, type: OCTETS };
    const plain = !strict || transferSyntax === EXPLICIT_LITTLE_ENDIAN;
    if (plain && codec !== null) return { ...octets, transferSyntax: EXPLICIT_LITTLE_ENDIAN };
  }
  if (compressedType !== undefined) {
    if (transferSyntax === null || wantsStored) return { ...asStored, type: compressedType };
  }
  return null;
}

/** Whether bulk data is sent alone or in parts; null when neither is accepted. */
export function chooseOctets(accept: string | undefined): { readonly multipart: boolean } | null {
  const found = acceptedTypes(accept)
    .flatMap((media) => (media.type === "*/*" ? [{ ...media, type: OCTETS }] : [media]))
    .flatMap(rangeOf)
    .find(({ type }) => covers(type, OCTETS));
  return found ? { multipart: found.multipart } : null;
}

/** The first of `types` that is accepted, in the order of the client's wishes. */
export function chooseImage<T extends string>(
  accept: string | undefined,
  { types, single }: { readonly types: readonly T[]; readonly single: boolean },
): { readonly type: T; readonly multipart: boolean } | null {
  for (const range of ranges(accept)) {
    const type = types.find((each) => covers(range.type, each));
    const anything = range.type === "*/*" && range.multipart;
    if (type === undefined || (anything && single)) continue;
    if (range.multipart || single) return { type, multipart: range.multipart };
  }
  return null;
}
