import { AxialError, type SourceTarget } from "@axial/contracts";
import type { DicomJson } from "@axial/dicom";
import { parseMediaType } from "@axial/kit";
import {
  type AddressGuard,
  assertTaken,
  type GuardedResponse,
  guardedRequest,
  guardedStream,
} from "@axial/kit/network";
import { bodyChunks } from "../ingest/body-chunks.ts";
import { MultipartReader } from "../multipart/multipart-reader.ts";
import { describedInstance } from "./metadata-facts.ts";
import type {
  FoundInstance,
  FoundStudy,
  InstanceSink,
  Intake,
  StudyQuery,
  StudySource,
  WantedSeries,
} from "./study-source.ts";

type DicomwebTarget = Extract<SourceTarget, { kind: "dicomweb" }>;

interface DicomwebOptions {
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 60_000;
/** Instances of one page; archives answer with fewer where they like. */
const PAGE = 1_000;
/** A page of instances in DICOM JSON: 2 KB for each. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;
/** The longest list: a whole-body CT has some thousands of instances, a busy day as many studies. */
const MAX_FOUND = 100_000;
const UID = /^[0-9.]{1,64}$/;
/** Stored bytes as they are: nothing is decoded on the way (PS3.18 8.7.3.5.2). */
const AS_STORED = "transfer-syntax=*";

type Attributes = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

/** An archive by QIDO-RS and WADO-RS (PS3.18 10.6, 10.4). */
export function dicomwebSource(
  { url, authorization }: DicomwebTarget,
  { guard, signal }: DicomwebOptions,
): StudySource {
  const base = url.replace(/\/$/, "");
  const headers = {
    "user-agent": "Axial",
    ...(authorization === undefined ? {} : { authorization }),
  };

  async function query(path: string, parameters: Record<string, string>): Promise<Attributes[]> {
    const search = new URLSearchParams(parameters);
    const answer = await guardedRequest({
      url: `${base}${path}${search.size === 0 ? "" : `?${search}`}`,
      method: "GET",
      headers: { ...headers, accept: "application/dicom+json" },
      ...{ guard, timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_PAGE_BYTES },
    });
    if (answer.status === 204 || answer.status === 404) return [];
    assertTaken(answer);
    return attributesOf(answer.text);
  }

  /**
   * Pages until one brings nothing new: what an archive makes of `limit` is its own affair. Of what
   * is found `of` makes an entry with its key, or null.
   */
  async function paged<T>(
    path: string,
    parameters: Readonly<Record<string, string>>,
    of: (attributes: Attributes) => readonly [key: string, found: T] | null,
  ): Promise<T[]> {
    const found = new Map<string, T>();
    while (found.size <= MAX_FOUND) {
      const before = found.size;
      const page = { ...parameters, limit: String(PAGE), offset: String(before) };
      for (const one of await query(path, page)) {
        const entry = of(one);
        if (entry !== null) found.set(...entry);
      }
      if (found.size === before) return [...found.values()];
    }
    throw new AxialError("limit-exceeded", { detail: `limit: ${MAX_FOUND} of ${path}` });
  }

  async function retrieve(path: string, accept: string): Promise<GuardedResponse> {
    const response = await guardedStream({
      url: `${base}${path}`,
      headers: { ...headers, accept },
      ...{ guard, silenceMs: TIMEOUT_MS, signal },
    });
    try {
      assertTaken({ status: response.statusCode ?? 0 });
    } catch (error) {
      response.destroy();
      throw error;
    }
    return response;
  }

  async function fetch(wanted: WantedSeries, sink: InstanceSink): Promise<{ failed: number }> {
    const series = `/studies/${wanted.studyUid}/series/${wanted.seriesUid}`;
    const intake = await sink.open();
    const accept = `multipart/related; type="application/dicom"; ${AS_STORED}`;
    const paths = wanted.whole
      ? [series]
      : wanted.instances.map(({ sopInstanceUid }) => `${series}/instances/${sopInstanceUid}`);
    try {
      for (const path of paths) await takeParts(await retrieve(path, accept), intake);
    } finally {
      // What came before the connection broke is kept: the next attempt asks for the rest.
      await intake.finish();
    }
    return { failed: 0 };
  }

  return {
    check: async () => {
      await query("/studies", { limit: "1" });
    },
    search: (wanted) => paged("/studies", studyParameters(wanted), foundStudy),
    list: (studyUid) => paged(`/studies/${studyUid}/instances`, {}, foundInstance),
    describe: async (studyUid) =>
      (await query(`/studies/${studyUid}/metadata`, {})).flatMap(
        (one) => describedInstance(one as DicomJson) ?? [],
      ),
    fetch,
  };
}

function studyParameters({ studyUid, patientId, from, to, modality }: StudyQuery) {
  const dates = from === to ? from : `${from ?? ""}-${to ?? ""}`;
  const given = {
    StudyInstanceUID: studyUid,
    PatientID: patientId,
    StudyDate: dates,
    ModalitiesInStudy: modality,
  };
  const parameters = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(parameters) as Record<string, string>;
}

/** Rejects with `peer-unreachable` when the answer breaks off. */
async function takeParts(response: GuardedResponse, intake: Intake): Promise<void> {
  try {
    const media = parseMediaType(response.headers["content-type"] ?? "");
    const bytes = bodyChunks(response);
    if (media?.type === "application/dicom") return await intake.receive(bytes);
    const reader = new MultipartReader(bytes, media?.parameters.get("boundary"));
    for (let part = await reader.next(); part !== null; part = await reader.next()) {
      await intake.receive(part.body);
    }
  } catch (cause) {
    if (cause instanceof AxialError && cause.code === "unavailable") throw cause;
    throw new AxialError("peer-unreachable", { detail: "the answer broke off", cause });
  } finally {
    response.destroy();
  }
}

function attributesOf(json: string): Attributes[] {
  try {
    const value: unknown = JSON.parse(json);
    if (Array.isArray(value)) return value as Attributes[];
  } catch (cause) {
    throw new AxialError("peer-refused", { detail: "the archive's answer is not JSON", cause });
  }
  throw new AxialError("peer-refused", { detail: "the archive's answer is not a list" });
}

function firstValue(attributes: Attributes, tag: string): string {
  const value = attributes[tag]?.Value?.[0];
  return typeof value === "string" ? value : "";
}

function foundStudy(attributes: Attributes): readonly [string, FoundStudy] | null {
  const studyUid = firstValue(attributes, "0020000D");
  if (!UID.test(studyUid)) return null;
  const studyDate = firstValue(attributes, "00080020");
  return [studyUid, { studyUid, studyDate, patientId: firstValue(attributes, "00100020") }];
}

function foundInstance(attributes: Attributes): readonly [string, FoundInstance] | null {
  const found = {
    seriesUid: firstValue(attributes, "0020000E"),
    sopInstanceUid: firstValue(attributes, "00080018"),
    sopClassUid: firstValue(attributes, "00080016"),
  };
  const named = UID.test(found.seriesUid) && UID.test(found.sopInstanceUid);
  return named ? [found.sopInstanceUid, found] : null;
}
