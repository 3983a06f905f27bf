/** Which decoder turns a frame's bytes into samples. */
export type CodecName =
  | "native"
  | "deflated-frame"
  | "rle"
  | "jpeg"
  | "jpeg-lossless"
  | "jpeg-ls"
  | "jpeg-2000"
  | "htj2k"
  | "jpeg-xl";

/** How a data set is encoded, PS3.5 section 10 and annex A. */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly deflated: boolean;
  /** null: known by name, but retired or without a decoder here. */
  readonly codec: CodecName | null;
  readonly lossy: boolean;
}

export const IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2";
export const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
export const EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2";
const DEFLATED_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99";

const table = new Map<string, TransferSyntax>();

function add(
  uid: string,
  name: string,
  rest: Partial<Omit<TransferSyntax, "uid" | "name">> & { codec: CodecName | null },
): void {
  table.set(uid, {
    uid,
    name,
    explicit: true,
    littleEndian: true,
    deflated: false,
    lossy: false,
    ...rest,
  });
}

const JPEG = "1.2.840.10008.1.2.4.";

add(IMPLICIT_LITTLE_ENDIAN, "Implicit VR Little Endian", { codec: "native", explicit: false });
add(EXPLICIT_LITTLE_ENDIAN, "Explicit VR Little Endian", { codec: "native" });
add(EXPLICIT_BIG_ENDIAN, "Explicit VR Big Endian", { codec: "native", littleEndian: false });
add(DEFLATED_LITTLE_ENDIAN, "Deflated Explicit VR Little Endian", {
  codec: "native",
  deflated: true,
});
add("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", { codec: "deflated-frame" });
add("1.2.840.10008.1.2.5", "RLE Lossless", { codec: "rle" });
add(`${JPEG}50`, "JPEG Baseline (Process 1)", { codec: "jpeg", lossy: true });
add(`${JPEG}51`, "JPEG Extended (Processes 2 and 4)", { codec: "jpeg", lossy: true });
add(`${JPEG}57`, "JPEG Lossless (Process 14)", { codec: "jpeg-lossless" });
add(`${JPEG}70`, "JPEG Lossless SV1 (Process 14)", { codec: "jpeg-lossless" });
add(`${JPEG}80`, "JPEG-LS Lossless", { codec: "jpeg-ls" });
add(`${JPEG}81`, "JPEG-LS Near-lossless", { codec: "jpeg-ls", lossy: true });
add(`${JPEG}90`, "JPEG 2000 Lossless", { codec: "jpeg-2000" });
add(`${JPEG}91`, "JPEG 2000", { codec: "jpeg-2000", lossy: true });
add(`${JPEG}201`, "HTJ2K Lossless", { codec: "htj2k" });
add(`${JPEG}202`, "HTJ2K Lossless RPCL", { codec: "htj2k" });
add(`${JPEG}203`, "HTJ2K", { codec: "htj2k", lossy: true });
add(`${JPEG}110`, "JPEG XL Lossless", { codec: "jpeg-xl" });
add(`${JPEG}111`, "JPEG XL JPEG Recompression", { codec: "jpeg-xl", lossy: true });
add(`${JPEG}112`, "JPEG XL", { codec: "jpeg-xl", lossy: true });

/** Processes of JPEG that the standard retired in 2001, and syntaxes that hold no still frames. */
const WITHOUT_DECODER: readonly (readonly [uid: string, name: string])[] = [
  ...["52", "53", "54", "55", "56", "58", "59", "60", "61", "62", "63", "64", "65", "66"].map(
    (process) => [`${JPEG}${process}`, "JPEG (retired process)"] as const,
  ),
  [`${JPEG}92`, "JPEG 2000 Part 2 Multi-component Lossless"],
  [`${JPEG}93`, "JPEG 2000 Part 2 Multi-component"],
  [`${JPEG}94`, "JPIP Referenced"],
  [`${JPEG}95`, "JPIP Referenced Deflate"],
  [`${JPEG}100`, "MPEG2 Main Profile / Main Level"],
  [`${JPEG}100.1`, "MPEG2 Main Profile / Main Level (fragmentable)"],
  [`${JPEG}101`, "MPEG2 Main Profile / High Level"],
  [`${JPEG}101.1`, "MPEG2 Main Profile / High Level (fragmentable)"],
  [`${JPEG}102`, "MPEG-4 AVC/H.264 High Profile 4.1"],
  [`${JPEG}102.1`, "MPEG-4 AVC/H.264 High Profile 4.1 (fragmentable)"],
  [`${JPEG}103`, "MPEG-4 AVC/H.264 BD-compatible"],
  [`${JPEG}103.1`, "MPEG-4 AVC/H.264 BD-compatible (fragmentable)"],
  [`${JPEG}104`, "MPEG-4 AVC/H.264 High Profile 4.2 for 2D"],
  [`${JPEG}104.1`, "MPEG-4 AVC/H.264 High Profile 4.2 for 2D (fragmentable)"],
  [`${JPEG}105`, "MPEG-4 AVC/H.264 High Profile 4.2 for 3D"],
  [`${JPEG}105.1`, "MPEG-4 AVC/H.264 High Profile 4.2 for 3D (fragmentable)"],
  [`${JPEG}106`, "MPEG-4 AVC/H.264 Stereo High Profile"],
  [`${JPEG}106.1`, "MPEG-4 AVC/H.264 Stereo High Profile (fragmentable)"],
  [`${JPEG}107`, "HEVC/H.265 Main Profile"],
  [`${JPEG}108`, "HEVC/H.265 Main 10 Profile"],
  [`${JPEG}204`, "JPIP HTJ2K Referenced"],
  [`${JPEG}205`, "JPIP HTJ2K Referenced Deflate"],
];
for (const [uid, name] of WITHOUT_DECODER) add(uid, name, { codec: null });
for (const jpip of ["95", "205"]) {
  const entry = table.get(`${JPEG}${jpip}`);
  if (entry) table.set(entry.uid, { ...entry, deflated: true });
}

/** The transfer syntax of that UID; an unknown one is read as explicit little endian. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  return (
    table.get(uid) ?? {
      uid,
      name: "unknown",
      explicit: true,
      littleEndian: true,
      deflated: false,
      codec: null,
      lossy: false,
    }
  );
}

/** Every transfer syntax whose pixel data can be decoded. */
export function decodableTransferSyntaxes(): readonly TransferSyntax[] {
  return [...table.values()].filter((syntax) => syntax.codec !== null);
}
