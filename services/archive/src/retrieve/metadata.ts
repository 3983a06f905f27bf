import type { BlobStore } from "@axial/blobs";
import { asAxialError } from "@axial/contracts";
import {
  type DicomInstance,
  type DicomJson,
  toDicomJson,
  uncompressedDescription,
} from "@axial/dicom";
import type { StoredInstance } from "@axial/store/search";
import { instanceUrl } from "./resource.ts";
import { readHeader } from "./stored-file.ts";

/** Files whose headers are read ahead of what is being sent. */
const READ_AHEAD = 8;

/**
 * The metadata of instances as one JSON array (PS3.18 F.2.1), written instance by instance. Bulk
 * values are addresses below `base`.
 */
export async function* metadataArray(
  blobs: BlobStore,
  instances: readonly StoredInstance[],
  base: string,
): AsyncGenerator<Buffer> {
  const ahead: Promise<string>[] = [];
  let next = 0;
  const readNext = () => {
    const stored = instances[next++];
    if (stored === undefined) return;
    const text = metadataOf(blobs, stored, base);
    text.catch(() => {});
    ahead.push(text);
  };
  while (next < READ_AHEAD && next < instances.length) readNext();
  let before = "[";
  for (let text = ahead.shift(); text !== undefined; text = ahead.shift()) {
    readNext();
    yield Buffer.from(before + (await text), "utf8");
    before = ",";
  }
  yield Buffer.from(before === "[" ? "[]" : "]", "utf8");
}

async function metadataOf(blobs: BlobStore, stored: StoredInstance, base: string): Promise<string> {
  try {
    const bulk = `${instanceUrl(base, stored)}/bulkdata`;
    const header = await readHeader(blobs, stored);
    const json = toDicomJson(header, { bulkDataUri: (path) => `${bulk}/${path}` });
    return JSON.stringify(describedPixels(header, json));
  } catch (thrown) {
    throw asAxialError(thrown);
  }
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
