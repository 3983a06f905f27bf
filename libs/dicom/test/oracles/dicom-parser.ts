import dicomParser, { type DataSet, type Element } from "dicom-parser";
import { implicitVr } from "../../src/dictionary.ts";
import { transferSyntaxOf } from "../../src/index.ts";
import type { LocatedElement, LocatedElements } from "./located-elements.ts";
import { isWellFormed } from "./well-formed.ts";

/** dicom-parser counts the delimiter of a sequence or item as an element of it. */
const DELIMITER = /fffee0[0d]d$/;
const DELIMITER_BYTES = 8;

interface DicomParserReading {
  readonly elements: LocatedElements;
  readonly wellFormed: boolean;
}

/**
 * What dicom-parser reads, in our terms: sequences of undefined length without their delimiter,
 * the registry's VR where the file names none or UN, offsets in the inflated data set where it is
 * deflated. Throws what dicom-parser throws, which is often no Error.
 */
export function readWithDicomParser(bytes: Buffer): DicomParserReading {
  const dataSet = dicomParser.parseDicom(bytes);
  const { deflated, littleEndian } = transferSyntaxOf(dataSet.string("x00020010") ?? "");
  if (littleEndian) openUnknownSequences(dataSet);
  const shift = deflated ? metaEnd(dataSet) : 0;
  return {
    elements: new Map(locate(dataSet, { prefix: "", shift })),
    wellFormed: isWellFormed(dataSet),
  };
}

/**
 * A value of VR UN whose attribute the registry knows is encoded in implicit little endian (PS3.5
 * 6.2.2). dicom-parser leaves such a value closed where its length is known; its reader of items in
 * implicit VR opens it here, so that what lies within is compared too.
 */
function openUnknownSequences({ elements, byteArray }: DataSet): void {
  for (const element of Object.values(elements)) {
    if (isUnknownSequence(element)) {
      const { littleEndianByteArrayParser, ByteStream } = dicomParser;
      const stream = new ByteStream(littleEndianByteArrayParser, byteArray, element.dataOffset);
      dicomParser.readSequenceItemsImplicit(stream, element);
    }
    for (const { dataSet } of element.items ?? []) {
      if (dataSet !== undefined) openUnknownSequences(dataSet);
    }
  }
}

function isUnknownSequence({ tag, vr, items, length }: Element): boolean {
  const closed = vr === "UN" && items === undefined && length > 0;
  return closed && implicitVr(Number.parseInt(tag.slice(1), 16)) === "SQ";
}

/** dicom-parser joins the inflated data set to the bytes before it. */
function metaEnd({ elements }: DataSet): number {
  const ends = Object.values(elements)
    .filter(({ tag }) => tag.startsWith("x0002"))
    .map(({ dataOffset, length }) => dataOffset + length);
  return Math.max(0, ...ends);
}

/** Before an inflated data set dicom-parser takes the preamble for elements. */
function isPreamble({ tag, dataOffset }: Element, { shift }: Place): boolean {
  return dataOffset < shift && !tag.startsWith("x0002");
}

interface Place {
  readonly prefix: string;
  readonly shift: number;
}

function* locate(dataSet: DataSet, place: Place): Generator<[string, LocatedElement]> {
  for (const element of Object.values(dataSet.elements)) {
    const path = place.prefix + element.tag.slice(1);
    if (DELIMITER.test(path) || isPreamble(element, place)) continue;
    yield [path, located(element, place)];
    for (const [index, item] of element.items?.entries() ?? []) {
      if (item.dataSet === undefined) continue;
      yield* locate(item.dataSet, { ...place, prefix: `${path}[${index}].` });
    }
  }
}

function located(element: Element, { shift }: Place): LocatedElement {
  const { tag, dataOffset, length, items, hadUndefinedLength } = element;
  return {
    vr: vrOf(element),
    offset: tag.startsWith("x0002") ? dataOffset : dataOffset - shift,
    length: items && hadUndefinedLength ? length + DELIMITER_BYTES : length,
    fragments: element.fragments?.map((one) => [one.position, one.length] as const) ?? [],
  };
}

function vrOf({ tag, vr, items }: Element): string {
  if (items !== undefined) return "SQ";
  const named = vr === undefined || vr === "UN" ? null : vr;
  return named ?? implicitVr(Number.parseInt(tag.slice(1), 16));
}
