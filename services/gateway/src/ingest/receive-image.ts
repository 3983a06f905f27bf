import {
  AxialError,
  type Lane,
  newUid,
  type StudyId,
  stableUid,
  type TenantId,
} from "@axial/contracts";
import { type DicomInstance, instanceFacts, readInstance } from "@axial/dicom";
import { otherImageFormat } from "@axial/imaging";
import { closeStudies, type NewInstance } from "@axial/store/ingest";
import type { KeyedRequest } from "@axial/store/keys";
import type { Dependencies } from "../dependencies.ts";
import { imageFacts, imageKind, type Uids } from "./image-file.ts";
import { MAX_IMAGE_BYTES } from "./limits.ts";
import { recordStores, type Sender } from "./record-stores.ts";
import { storeError } from "./store-error.ts";
import { patientTags, seriesTags, studyTags } from "./tag-snapshot.ts";

export interface ImageOptions {
  readonly tenant: TenantId;
  readonly sender: Sender;
  readonly model: string;
  readonly lane: Lane;
  /** A repeated request is the same study. */
  readonly keyed: KeyedRequest | null;
}

export interface ReceivedImage {
  readonly study: StudyId;
  readonly studyUid: string;
}

/**
 * Stores one PNG, JPEG or DICOM file as a study of its own, for one model, and closes it. A DICOM
 * file gets new UIDs in Axial's rows, so that posting it twice, or for two models, does not
 * collide. Throws `unsupported-media-type`, or the error in the file.
 */
export async function receiveImage(
  dependencies: Pick<Dependencies, "audit" | "db" | "blobs" | "committer" | "metrics">,
  bytes: Buffer,
  options: ImageOptions,
): Promise<ReceivedImage> {
  const { tenant, model, lane, keyed } = options;
  const described = describe(bytes, uidsOf(keyed));
  try {
    const blob = await dependencies.blobs.put(bytes);
    const row = { tenant, lane, blob, bytes: bytes.length, expectedInstances: null };
    const [outcome] = await dependencies.committer.submit([
      { ...row, ...described, models: [model] },
    ]);
    if (outcome === undefined || outcome.status === "conflict") throw new AxialError("internal");
    if (outcome.status === "stored") dependencies.metrics.instancesReceived.inc();
    const { study } = outcome;
    await recordStores(dependencies, options, [study]);
    await closeStudies(dependencies.db, tenant, { ids: [study], reason: "request" });
    return { study, studyUid: described.facts.studyUid };
  } catch (error) {
    throw storeError(error);
  }
}

type Described = Pick<NewInstance, "facts" | "kind" | "patientTags" | "studyTags" | "seriesTags">;

/** UIDs of a study that holds one instance. */
function uidsOf(keyed: KeyedRequest | null): Uids {
  const uid = (of: string) =>
    keyed === null ? newUid() : stableUid(of, keyed.tenant, keyed.key, keyed.fingerprint);
  return { studyUid: uid("study"), seriesUid: uid("series"), sopInstanceUid: uid("instance") };
}

function describe(bytes: Buffer, uids: Uids): Described {
  const kind = imageKind(bytes);
  if (kind !== null) {
    const facts = { ...imageFacts(bytes, kind), ...uids };
    return { kind: "image", facts, patientTags: {}, studyTags: {}, seriesTags: {} };
  }
  const instance = readDicom(bytes);
  if (instance.truncated) throw new AxialError("truncated-pixel-data");
  const { dataset } = instance;
  const facts = { ...instanceFacts(instance), ...uids };
  if (facts.ownOutput) throw new AxialError("own-output");
  if (!facts.hasPixelData) throw new AxialError("no-pixel-data");
  const tags = { studyTags: studyTags(dataset), seriesTags: seriesTags(dataset) };
  return { kind: "dicom", facts, patientTags: patientTags(dataset), ...tags };
}

/** A file of another format is named: a TIFF in a DICOM file's preamble is still a DICOM file. */
function readDicom(bytes: Buffer): DicomInstance {
  try {
    return readInstance(bytes);
  } catch (error) {
    const format = otherImageFormat(bytes);
    const refused = error instanceof AxialError && error.code === "not-dicom" && format !== null;
    if (!refused) throw error;
    throw new AxialError("not-dicom", { detail: `a ${format} file; send PNG, JPEG or DICOM` });
  }
}

/** Reads the body of a request up to `MAX_IMAGE_BYTES`. */
export async function readImageBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_IMAGE_BYTES) {
      throw new AxialError("payload-too-large", { detail: `limit: ${MAX_IMAGE_BYTES} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
