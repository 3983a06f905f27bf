import type { DataSet, Element } from "dicom-parser";
import { implicitVr } from "../../src/dictionary.ts";
import { isVr } from "../../src/vr.ts";

const PIXEL_DATA = "x7fe00010";
const ITEM_DELIMITER = "xfffee00d";

/**
 * Whether dicom-parser has read what PS3.10 7.1 and PS3.5 7.1 to 7.5 describe: a group length, known
 * VRs, ascending tags, values inside of what encloses them, undefined lengths only where they are
 * allowed. It reads on through anything else, mostly without a warning.
 */
export function isWellFormed(dataSet: DataSet): boolean {
  if (dataSet.warnings.length > 0 || dataSet.elements.x00020000?.vr !== "UL") return false;
  const elements = Object.values(dataSet.elements);
  const isMeta = ({ tag }: Element) => tag.startsWith("x0002");
  const end = dataSet.byteArray.length;
  return (
    isSet(elements.filter(isMeta), end) &&
    isSet(
      elements.filter((one) => !isMeta(one)),
      end,
    )
  );
}

function isSet(elements: readonly Element[], end: number): boolean {
  return elements.every((element, index) => {
    const before = elements[index - 1];
    return (before === undefined || before.tag < element.tag) && isElement(element, end);
  });
}

function isElement(element: Element, end: number): boolean {
  const { tag, items, hadUndefinedLength } = element;
  const valueEnd = element.dataOffset + element.length;
  if (tag === ITEM_DELIMITER) return true;
  if (valueEnd > end || !isKnown(element)) return false;
  if (items === undefined) return !hadUndefinedLength || tag === PIXEL_DATA;
  return items.every(({ dataSet, dataOffset, length }) =>
    isSet(Object.values(dataSet?.elements ?? {}), Math.min(dataOffset + length, valueEnd)),
  );
}

/** Where no VR is written, dicom-parser takes for a sequence what begins like one. */
function isKnown({ tag, vr, items }: Element): boolean {
  if (vr !== undefined) return isVr(vr.charCodeAt(0), vr.charCodeAt(1));
  return items === undefined || implicitVr(Number.parseInt(tag.slice(1), 16)) === "SQ";
}
