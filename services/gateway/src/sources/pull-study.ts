import { AxialError, OWN_AE_TITLE, type SourceTarget } from "@axial/contracts";
import { findApplicationEntity, storedSopClasses } from "@axial/store/application-entities";
import { closePulled, createPull, type DuePull, type SourceRow } from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import { failedForNow, type PartOutcome } from "../ingest/store-report.ts";
import { Upload } from "../ingest/upload.ts";
import type { FoundInstance, InstanceSink, StudySource, WantedSeries } from "./study-source.ts";

/** What an attempt has come to; `missing` did not come, and is not for later. */
export interface Pulled {
  readonly found: number;
  readonly present: number;
  readonly note: string | null;
}

interface PullJob {
  readonly pull: DuePull;
  readonly source: SourceRow;
  readonly port: StudySource;
  /** Told as instances arrive. */
  onPresent(found: number, present: number): void;
}

/**
 * Brings a study here: lists it at its source, fetches what is missing, series by series, and closes
 * it. What came before a connection broke is not asked for again. Rejects with `peer-unreachable`,
 * `too-busy` or `unavailable` for what may pass, with `peer-refused` or `not-found` otherwise.
 */
export async function pullStudy(dependencies: Dependencies, job: PullJob): Promise<Pulled> {
  const { pull, source, port } = job;
  await assertOwnDoor(dependencies, pull, source);
  const listed = await port.list(pull.studyUid);
  if (listed.length === 0) {
    throw new AxialError("not-found", { detail: "the source has no such study" });
  }
  const refused: PartOutcome[] = [];
  const sink = sinkFor(dependencies, pull, refused);
  let missing = await missingOf(dependencies, pull, listed);
  job.onPresent(listed.length, listed.length - missing.length);
  for (const wanted of seriesOf(pull.studyUid, listed, missing)) {
    await dependencies.gate.admit(pull.lane ?? "routine");
    const { failed } = await port.fetch(wanted, sink);
    if (failed > 0) {
      const detail = `the source could not send ${failed} of ${wanted.instances.length} instances`;
      throw new AxialError("peer-unreachable", { detail });
    }
    assertNotForLater(refused);
    missing = await missingOf(dependencies, pull, listed);
    job.onPresent(listed.length, listed.length - missing.length);
  }
  const present = listed.length - missing.length;
  if (present === 0 && refused.length === 0) {
    const detail = "the source says that it has sent the study, and nothing of it came";
    throw new AxialError("peer-unreachable", { detail });
  }
  await settle(dependencies, job);
  return { found: listed.length, present, note: noteOf(missing.length, refused) };
}

/** What a C-MOVE sends has to come to the tenant that asked: its titles decide that. */
async function assertOwnDoor(
  { db }: Dependencies,
  { tenant }: DuePull,
  { target }: SourceRow,
): Promise<void> {
  const wanted = target as SourceTarget;
  if (wanted.kind !== "dimse" || wanted.retrieve === "get") return;
  const title = wanted.moveTitle ?? wanted.callingTitle ?? OWN_AE_TITLE;
  const { entity } = await findApplicationEntity(db, title, wanted.calledTitle);
  if (entity?.tenant_id === tenant) return;
  const detail = `no application entity of this tenant takes what ${wanted.calledTitle} sends to ${title}`;
  throw new AxialError("peer-refused", { detail });
}

function sinkFor(
  dependencies: Dependencies,
  { tenant, source, studyUid, lane, models, id }: DuePull,
  refused: PartOutcome[],
): InstanceSink {
  const sender = { keyId: null, address: null, detail: { source, pull: id } };
  return {
    open: async (named) => {
      const upload = new Upload(dependencies, {
        ...(named === undefined ? {} : { named }),
        ...{ tenant, sender, studyUid, lane, models, expectedInstances: null, traceParent: null },
      });
      return {
        receive: (body) => upload.receive(body),
        finish: async () => {
          const report = await upload.finish();
          refused.push(...report.outcomes.filter(({ status }) => status === "failed"));
          return report;
        },
      };
    },
  };
}

async function missingOf(
  { db, deidentifiers }: Dependencies,
  { tenant }: DuePull,
  listed: readonly FoundInstance[],
): Promise<FoundInstance[]> {
  const deidentifier = await deidentifiers.of(tenant);
  const storedUid = (uid: string) => deidentifier?.uid(uid) ?? uid;
  const uids = listed.map(({ sopInstanceUid }) => storedUid(sopInstanceUid));
  const stored = await storedSopClasses(db, tenant, uids);
  return listed.filter(({ sopInstanceUid }) => !stored.has(storedUid(sopInstanceUid)));
}

function seriesOf(
  studyUid: string,
  listed: readonly FoundInstance[],
  missing: readonly FoundInstance[],
): WantedSeries[] {
  const all = Map.groupBy(listed, ({ seriesUid }) => seriesUid);
  const wanted = Map.groupBy(missing, ({ seriesUid }) => seriesUid);
  return [...wanted].map(([seriesUid, instances]) => ({
    ...{ studyUid, seriesUid, instances },
    whole: instances.length === all.get(seriesUid)?.length,
  }));
}

function assertNotForLater(refused: readonly PartOutcome[]): void {
  for (const outcome of refused) {
    if (outcome.status !== "failed" || !failedForNow(outcome)) continue;
    throw new AxialError(outcome.code, { detail: "an instance could not be stored" });
  }
}

/** Closes the study and asks for the patient's earlier ones; a backfill starts its studies itself. */
async function settle(dependencies: Dependencies, { pull, source, port }: PullJob): Promise<void> {
  const { db } = dependencies;
  if (pull.backfill === null) await db.transaction().execute((trx) => closePulled(trx, pull));
  if (pull.priors === 0) return;
  const [study] = await port.search({ studyUid: pull.studyUid });
  if (study === undefined || study.patientId === "") return;
  const others = await port.search({
    patientId: study.patientId,
    to: study.studyDate || undefined,
  });
  const priors = others
    .filter((one) => one.studyUid !== pull.studyUid && one.patientId === study.patientId)
    .toSorted((a, b) => b.studyDate.localeCompare(a.studyDate))
    .slice(0, pull.priors);
  await pullAll(dependencies, { ...pull, source: source.id, priors: 0 }, priors);
}

type PullTemplate = Pick<DuePull, "tenant" | "source" | "lane" | "models" | "priors">;

/** Makes pulls due; resolves with their ids. */
export async function pullAll(
  { db, deidentifiers }: Pick<Dependencies, "db" | "deidentifiers">,
  { tenant, source, lane, models, priors }: PullTemplate,
  studies: readonly { readonly studyUid: string }[],
): Promise<string[]> {
  const deidentifier = await deidentifiers.of(tenant);
  return db.transaction().execute(async (trx) => {
    const ids: string[] = [];
    for (const { studyUid } of studies) {
      const storedUid = deidentifier?.uid(studyUid) ?? studyUid;
      const template = { tenant, source, lane, models, priors };
      ids.push((await createPull(trx, { ...template, studyUid, storedUid })).id);
    }
    return ids;
  });
}

function noteOf(missing: number, refused: readonly PartOutcome[]): string | null {
  if (missing === 0) return null;
  const codes = new Set(refused.flatMap((one) => (one.status === "failed" ? [one.code] : [])));
  const why = codes.size === 0 ? "made by Axial, or refused" : [...codes].join(", ");
  return `${missing} instances are not kept here: ${why}`;
}
