import { AxialError, OWN_AE_TITLE, type SourceTarget } from "@axial/contracts";
import {
  echo,
  failedOutcome,
  find,
  findAll,
  get,
  type IncomingInstance,
  type Match,
  move,
  type Outcome,
  type Peer,
  peerAt,
  Status,
} from "@axial/dimse";
import { type AddressGuard, checkedAddress } from "@axial/kit/network";
import type {
  FoundInstance,
  FoundStudy,
  InstanceSink,
  StudyQuery,
  StudySource,
  WantedSeries,
} from "./study-source.ts";

type DimseTarget = Extract<SourceTarget, { kind: "dimse" }>;

interface DimseOptions {
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
}

const UID = /^[0-9.]{1,64}$/;
/** UIDs of one C-MOVE or C-GET: an element of explicit VR holds 64 KB of them. */
const MAX_LISTED = 500;
/** Without its class an instance is asked for as any of these: what most archives are full of. */
const USUAL_CLASSES = [
  "1.2.840.10008.5.1.4.1.1.4", // MR
  "1.2.840.10008.5.1.4.1.1.4.1", // Enhanced MR
  "1.2.840.10008.5.1.4.1.1.2", // CT
  "1.2.840.10008.5.1.4.1.1.2.1", // Enhanced CT
  "1.2.840.10008.5.1.4.1.1.1", // Computed Radiography
  "1.2.840.10008.5.1.4.1.1.1.1", // Digital X-Ray
  "1.2.840.10008.5.1.4.1.1.7", // Secondary Capture
];

/** A PACS, by C-FIND and C-GET or C-MOVE to our own C-STORE port (PS3.4 annex C). */
export function dimseSource(target: DimseTarget, { guard, signal }: DimseOptions): StudySource {
  const { retrieve = "auto", moveTitle = target.callingTitle ?? OWN_AE_TITLE } = target;
  const peer = () => peerAt(target, (host) => checkedAddress(host, guard));
  let mayGet = retrieve !== "move";

  async function fetch(wanted: WantedSeries, sink: InstanceSink): Promise<{ failed: number }> {
    const at = await peer();
    let failed = 0;
    for (const part of parts(wanted)) {
      const got = mayGet ? await getPart(at, part, { sink, signal }) : null;
      if (got === null && retrieve === "get") {
        throw new AxialError("peer-refused", { detail: "the archive offers no C-GET" });
      }
      mayGet = got !== null;
      const moved = got ?? (await move(at, { ...part, destination: moveTitle }, signal));
      failed += moved.failed;
    }
    return { failed };
  }

  return {
    check: async () => echo(await peer(), signal),
    search: async (query) => {
      const matches = await find(await peer(), { level: "STUDY", keys: studyKeys(query) }, signal);
      return matches.flatMap(foundStudy);
    },
    list: async (studyUid) => listInstances(await peer(), studyUid, signal),
    describe: async () => null,
    fetch,
  };
}

function studyKeys({ studyUid = "", patientId = "", from, to, modality }: StudyQuery) {
  const dates = from === undefined && to === undefined ? "" : `${from ?? ""}-${to ?? ""}`;
  return {
    StudyInstanceUID: studyUid,
    PatientID: patientId,
    StudyDate: from !== undefined && from === to ? from : dates,
    ModalitiesInStudy: modality ?? "",
  };
}

function foundStudy(match: Match): FoundStudy[] {
  const studyUid = text(match.StudyInstanceUID);
  if (!UID.test(studyUid)) return [];
  return [{ studyUid, studyDate: text(match.StudyDate), patientId: text(match.PatientID) }];
}

async function listInstances(
  peer: Peer,
  studyUid: string,
  signal: AbortSignal,
): Promise<FoundInstance[]> {
  const study = { StudyInstanceUID: studyUid };
  const series = await find(
    peer,
    { level: "SERIES", keys: { ...study, SeriesInstanceUID: "" } },
    signal,
  );
  const uids = new Set(series.map((match) => text(match.SeriesInstanceUID)));
  const queries = [...uids]
    .filter((uid) => UID.test(uid))
    .map((seriesUid) => ({
      level: "IMAGE" as const,
      keys: { ...study, SeriesInstanceUID: seriesUid, SOPInstanceUID: "", SOPClassUID: "" },
    }));
  if (queries.length === 0) return [];
  const found = (await findAll(peer, queries, signal)).map((match) => ({
    seriesUid: text(match.SeriesInstanceUID),
    sopInstanceUid: text(match.SOPInstanceUID),
    sopClassUid: text(match.SOPClassUID),
  }));
  const valid = found.filter((one) => UID.test(one.seriesUid) && UID.test(one.sopInstanceUid));
  return [...new Map(valid.map((one) => [one.sopInstanceUid, one])).values()];
}

/** A value as the library reads it: plain, a list of them, or nothing. */
function text(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first.trim() : "";
}

interface Part {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopInstanceUids?: readonly string[];
  readonly sopClasses: readonly string[];
}

function* parts({ studyUid, seriesUid, instances, whole }: WantedSeries): Generator<Part> {
  const known = [...new Set(instances.map(({ sopClassUid }) => sopClassUid))].filter(Boolean);
  const sopClasses = known.length > 0 ? known : USUAL_CLASSES;
  if (whole) return yield { studyUid, seriesUid, sopClasses };
  for (let at = 0; at < instances.length; at += MAX_LISTED) {
    const some = instances.slice(at, at + MAX_LISTED);
    const sopInstanceUids = some.map(({ sopInstanceUid }) => sopInstanceUid);
    yield { studyUid, seriesUid, sopInstanceUids, sopClasses };
  }
}

interface GetOptions {
  readonly sink: InstanceSink;
  readonly signal: AbortSignal;
}

/** Null where the archive has no C-GET. */
async function getPart(
  peer: Peer,
  part: Part,
  { sink, signal }: GetOptions,
): Promise<{ readonly failed: number } | null> {
  const outcome = await get(peer, { ...part, store: (one) => storeOne(one, sink) }, signal);
  return outcome.status === "not-offered" ? null : outcome.counts;
}

/** An instance of a C-GET: durable before it is answered, as any C-STORE. */
async function storeOne(
  { body, sopClassUid, sopInstanceUid }: IncomingInstance,
  sink: InstanceSink,
): Promise<Outcome> {
  const intake = await sink.open({ sopClassUid, sopInstanceUid });
  await intake.receive(body);
  const [outcome] = (await intake.finish()).outcomes;
  if (outcome === undefined) return { status: Status.cannotUnderstand };
  return outcome.status === "failed" ? failedOutcome(outcome) : { status: Status.success };
}
