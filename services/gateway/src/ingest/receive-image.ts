import {
  AxialError,
  type Lane,
  newUid,
  type StudyId,
  stableUid,
  type TenantId,
} from "@axial/contracts";
import { otherImageFormat } from "@axial/imaging";
import { closeStudies, type NewInstance } from "@axial/store/ingest";
import type { KeyedRequest } from "@axial/store/keys";
import type { Dependencies } from "../dependencies.ts";
import type { Examined } from "../examine/examiner.ts";
import { imageFacts, imageKind, type Uids } from "./image-file.ts";
import { MAX_IMAGE_BYTES } from "./limits.ts";
import { recordStores, type Sender } from "./record-stores.ts";
import { storeError } from "./store-error.ts";

export interface ImageOptions {
  readonly tenant: TenantId;
  readonly sender: Sender;
  readonly model: string;
  readonly lane: Lane;
  /** A repeated request is the same study. */
  readonly keyed: KeyedRequest | null;
  readonly traceParent: string | null;
}

export interface ReceivedImage {
  readonly study: StudyId;
  readonly studyUid: string;
}

type Needed = Pick<
  Dependencies,
  "audit" | "db" | "blobs" | "committer" | "deidentifiers" | "examiner" | "metrics" | "quotas"
>;

/**
 * Stores one PNG, JPEG or DICOM file as a study of its own, for one model, and closes it. A DICOM
 * file gets new UIDs in Axial's rows, so that posting it twice, or for two models, does not
 * collide. Throws `unsupported-media-type`, or the error in the file.
 */
export async function receiveImage(
  dependencies: Needed,
  received: Buffer,
  options: ImageOptions,
): Promise<ReceivedImage> {
  const deidentifier = await dependencies.deidentifiers.of(options.tenant);
  if (deidentifier === null || imageKind(received) !== null) {
    return storeImage(dependencies, received, options);
  }
  return deidentifier.deidentify(received, (file) => storeImage(dependencies, file, options));
}

async function storeImage(
  dependencies: Needed,
  bytes: Buffer,
  options: ImageOptions,
): Promise<ReceivedImage> {
  const { tenant, model, lane, keyed, traceParent } = options;
  const examined = () => dependencies.examiner.examine({ tenant, bytes, complete: true });
  const described = await describe(bytes, { uids: uidsOf(keyed), examined });
  await dependencies.quotas.refresh(tenant);
  const place = dependencies.quotas.take(tenant, bytes.length);
  if (place === null) throw new AxialError("quota-exceeded");
  try {
    const blob = await dependencies.blobs.put(bytes);
    const row = { tenant, lane, blob, bytes: bytes.length, expectedInstances: null, traceParent };
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
  } finally {
    place.release();
  }
}

type Described = Pick<NewInstance, "facts" | "kind" | "patientTags" | "studyTags" | "seriesTags">;

/** UIDs of a study that holds one instance. */
function uidsOf(keyed: KeyedRequest | null): Uids {
  const uid = (of: string) =>
    keyed === null ? newUid() : stableUid(of, keyed.tenant, keyed.key, keyed.fingerprint);
  return { studyUid: uid("study"), seriesUid: uid("series"), sopInstanceUid: uid("instance") };
}

interface Describing {
  readonly uids: Uids;
  /** Reads a DICOM file. */
  readonly examined: () => Promise<Examined>;
}

async function describe(bytes: Buffer, { uids, examined }: Describing): Promise<Described> {
  const kind = imageKind(bytes);
  if (kind !== null) {
    const facts = { ...imageFacts(bytes, kind), ...uids };
    return { kind: "image", facts, patientTags: {}, studyTags: {}, seriesTags: {} };
  }
  const instance = await readDicom(bytes, examined);
  if (instance.truncated) {
    const { hasPixelData } = instance.facts;
    throw new AxialError(hasPixelData ? "truncated-pixel-data" : "truncated-data-set");
  }
  const { patientTags } = instance;
  const [studyTags, seriesTags] = [instance.studyTags(), instance.seriesTags()];
  const facts = { ...instance.facts, ...uids };
  if (facts.ownOutput) throw new AxialError("own-output");
  if (!facts.hasPixelData) throw new AxialError("no-pixel-data");
  return { kind: "dicom", facts, patientTags, studyTags, seriesTags };
}

/** A file of another format is named: a TIFF in a DICOM file's preamble is still a DICOM file. */
async function readDicom(bytes: Buffer, examined: Describing["examined"]): Promise<Examined> {
  try {
    return await examined();
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
