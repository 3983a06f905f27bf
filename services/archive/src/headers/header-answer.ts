import {
  type DataSet,
  type DicomInstance,
  type DicomJson,
  type Element,
  littleEndianValue,
  Tag,
  toDicomJson,
  uncompressedDescription,
} from "@axial/dicom";

/** What is wanted of an instance's header. */
export type HeaderWish =
  /** DICOM JSON with bulk values below this address. */
  | { readonly kind: "json"; readonly bulk: string }
  /** The value at a path of tags and item numbers. */
  | { readonly kind: "value"; readonly path: string };

export type HeaderAnswer =
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "value"; readonly bytes: Uint8Array }
  /** Pixel data that lies in the file as it is sent: `length` bytes from `offset`. */
  | { readonly kind: "range"; readonly offset: number; readonly length: number }
  /** Pixel data that has to be made frame by frame. */
  | { readonly kind: "frames" };

const PATH = /^[0-9A-Fa-f]{8}(\/\d{1,6}\/[0-9A-Fa-f]{8})*$/;
const PIXEL_TAGS: readonly number[] = [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData];

/** Answers from a header that has been read. */
export function answerFrom(instance: DicomInstance, wish: HeaderWish): HeaderAnswer {
  if (wish.kind === "json") {
    const json = toDicomJson(instance, { bulkDataUri: (path) => `${wish.bulk}/${path}` });
    return { kind: "json", text: JSON.stringify(describedPixels(instance, json)) };
  }
  const found = PATH.test(wish.path) ? findElement(instance.dataset, wish.path.split("/")) : null;
  if (found === null) return { kind: "missing" };
  const { dataset, element } = found;
  if (PIXEL_TAGS.includes(element.tag)) return pixelData(instance, element);
  return { kind: "value", bytes: littleEndianValue(dataset, element) };
}

function pixelData({ syntax, dataset }: DicomInstance, element: Element): HeaderAnswer {
  if (element.fragments !== null || syntax.deflated || !syntax.littleEndian) {
    return { kind: "frames" };
  }
  return { kind: "range", offset: element.offset, length: declaredLength(dataset, element) };
}

/** The length that stands before a value of 32 bits of length; a part that was read cut it. */
export function declaredLength(dataset: DataSet, { offset }: Element): number {
  return dataset.littleEndian
    ? dataset.bytes.readUInt32LE(offset - 4)
    : dataset.bytes.readUInt32BE(offset - 4);
}

interface Found {
  readonly dataset: DataSet;
  readonly element: Element;
}

function findElement(
  dataset: DataSet,
  [tag = "", index, ...rest]: readonly string[],
): Found | null {
  const element = dataset.elements.get(Number.parseInt(tag, 16));
  if (element === undefined) return null;
  if (index === undefined) return element.items === null ? { dataset, element } : null;
  const item = element.items?.[Number(index)];
  return item === undefined ? null : findElement(item, rest);
}

/** Frames and bulk data are sent without compression: what describes pixels describes those. */
function describedPixels(header: DicomInstance, json: DicomJson): DicomJson {
  const described = uncompressedDescription(header);
  if (described === null) return json;
  const { photometric, planarConfiguration } = described;
  const planar = { vr: "US", Value: [planarConfiguration] };
  return {
    ...json,
    "00280004": { vr: "CS", Value: [photometric] },
    ...(json["00280006"] === undefined ? {} : { "00280006": planar }),
  };
}
