import { readInstance } from "@axial/dicom";

const ENCAPSULATED_DOCUMENT = 0x0042_0011;
const ENCAPSULATED_DOCUMENT_LENGTH = 0x0042_0015;

/** The PDF in an Encapsulated PDF object, without the byte that makes its length even. */
export function pdfOf(object: Uint8Array): Buffer {
  const { dataset } = readInstance(object);
  const document = dataset.value(ENCAPSULATED_DOCUMENT) ?? Buffer.alloc(0);
  return document.subarray(0, dataset.int(ENCAPSULATED_DOCUMENT_LENGTH) ?? document.length);
}
