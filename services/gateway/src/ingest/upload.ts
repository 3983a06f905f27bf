import {
  AxialError,
  type ErrorCode,
  type Lane,
  type NewerInstancePolicy,
  type StudyId,
  type TenantId,
} from "@axial/contracts";
import type {
  InstanceConflict,
  InstanceOutcome,
  NewInstance,
  TagSnapshot,
} from "@axial/store/ingest";
import type { QuotaPlace } from "../admission/tenant-quotas.ts";
import type { TenantDeidentifier } from "../deidentify/tenant-deidentifiers.ts";
import type { Dependencies } from "../dependencies.ts";
import { deidentifyPart } from "./deidentify-part.ts";
import { type GroupBuffer, releaseGroupBuffer, takeGroupBuffer } from "./group-buffer.ts";
import { GROUP_INSTANCES } from "./limits.ts";
import { takeNewerVersion } from "./newer-version.ts";
import { type PartReading, type ReadPart, readPart } from "./read-part.ts";
import { recordStores, type Sender } from "./record-stores.ts";
import { RequestBudget } from "./request-budget.ts";
import { storeError } from "./store-error.ts";
import type { InstanceName, PartOutcome, StoreReport } from "./store-report.ts";

/** What ingest works with. */
export type IngestDependencies = Pick<
  Dependencies,
  | "audit"
  | "blobs"
  | "committer"
  | "db"
  | "deidentifiers"
  | "examiner"
  | "metrics"
  | "queues"
  | "quotas"
  | "sameInstance"
  | "storeOutage"
>;

/** How a command calls the instance that it brings. */
export type NamedInstance = Pick<InstanceName, "sopClassUid" | "sopInstanceUid">;

/** What the sender of a request asked for. */
export interface UploadOptions {
  readonly tenant: TenantId;
  readonly sender: Sender;
  /** From the path: other studies' instances are refused. */
  readonly studyUid: string | null;
  /** From a C-STORE command: another instance is refused. */
  readonly named?: NamedInstance;
  readonly lane: Lane | null;
  readonly expectedInstances: number | null;
  readonly models: readonly string[] | null;
  /** What becomes of newer versions; as the tenant says without it. */
  readonly newerInstance?: NewerInstancePolicy | null;
  /** Of the request, for what becomes of its studies; null without tracing. */
  readonly traceParent: string | null;
}

/** Bytes of de-identified parts that are written together. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

type ReadInstance = Extract<ReadPart, { status: "read" }>;

/** An instance on its way into the store, and the place of its outcome in the report. */
interface Pending {
  readonly index: number;
  readonly name: InstanceName;
  readonly bytes: Buffer | null;
  readonly row: NewInstance;
  /** Of its tenant's quota, held until it is stored or has failed. */
  readonly place: QuotaPlace;
}

/**
 * The instances of one request on their way into the store. They are written in groups, so that
 * one sync and one commit serve many; while a group is written the next is received, and no more
 * than these two are in memory. Nothing counts as stored before it is durable and committed.
 */
export class Upload {
  readonly #dependencies: IngestDependencies;
  readonly #options: UploadOptions;
  readonly #reading: PartReading;
  readonly #outcomes: PartOutcome[] = [];
  readonly #tags = new Map<string, TagSnapshot>();
  #group: Pending[] = [];
  #buffer: GroupBuffer = takeGroupBuffer();
  #writing: Promise<void> = Promise.resolve();
  #outage: AxialError | null = null;
  #brokenOff = false;

  constructor(dependencies: IngestDependencies, options: UploadOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    const { blobs, examiner } = dependencies;
    this.#reading = { tenant: options.tenant, blobs, examiner, budget: new RequestBudget() };
  }

  get count(): number {
    return this.#outcomes.length;
  }

  /** Takes one part; waits when two groups are under way already. */
  async receive(body: AsyncIterable<Buffer>): Promise<void> {
    const { deidentifiers, quotas } = this.#dependencies;
    const { tenant } = this.#options;
    const [deidentifier] = await Promise.all([deidentifiers.of(tenant), quotas.refresh(tenant)]);
    if (deidentifier !== null) return this.#receiveDeidentified(body, deidentifier);
    const rest = await this.#stage(body[Symbol.asyncIterator]());
    this.#add(await readPart({ bytes: this.#buffer.part, rest }, this.#reading));
    if (this.#group.length >= GROUP_INSTANCES) await this.#flush();
  }

  /** What its tenant wants without a patient is in memory of its own, and written soon if large. */
  async #receiveDeidentified(
    body: AsyncIterable<Buffer>,
    deidentifier: TenantDeidentifier,
  ): Promise<void> {
    const part = await deidentifyPart(body, deidentifier, this.#reading);
    this.#add(part, deidentifier);
    const held = this.#group.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    const full = this.#group.length >= GROUP_INSTANCES || held >= MAX_HELD_BYTES;
    if (full) await this.#flush();
  }

  /**
   * Receives a part into the buffer. Returns the remainder when not even an empty buffer holds it.
   */
  async #stage(body: AsyncIterator<Buffer>): Promise<AsyncIterator<Buffer> | null> {
    for (;;) {
      const { done, value } = await body.next();
      if (done === true) return null;
      if (this.#buffer.append(value)) continue;
      if (this.#group.length > 0) await this.#flush();
      if (!this.#buffer.append(value)) return withFirst(value, body);
    }
  }

  #add(part: ReadPart, deidentifier: TenantDeidentifier | null = null): void {
    if (part.status === "failed") this.#refuse(part);
    else {
      const mismatch = this.#mismatch(part.instance.facts, deidentifier);
      if (mismatch === null) this.#take(part);
      else this.fail(part.instance.facts, new AxialError(mismatch));
    }
    this.#buffer.dropPart();
  }

  /** How an instance is another than was asked for, before its UIDs were replaced. */
  #mismatch(facts: InstanceName, deidentifier: TenantDeidentifier | null): ErrorCode | null {
    const { studyUid, named } = this.#options;
    const kept = (uid: string) => deidentifier?.uid(uid) ?? uid;
    if (studyUid !== null && facts.studyUid !== kept(studyUid)) return "study-mismatch";
    if (named === undefined) return null;
    if (facts.sopClassUid !== named.sopClassUid) return "sop-class-mismatch";
    return facts.sopInstanceUid === kept(named.sopInstanceUid) ? null : "sop-instance-mismatch";
  }

  /** Within the tenant's quota. */
  #take(part: ReadInstance): void {
    const { content, instance } = part;
    const bytes = content.held === "memory" ? content.bytes.length : content.size;
    const place = this.#dependencies.quotas.take(this.#options.tenant, bytes);
    if (place === null) {
      this.fail(instance.facts, new AxialError("quota-exceeded"));
      return;
    }
    this.#group.push(this.#pending(part, place));
    if (content.held === "memory") this.#buffer.keepPart();
  }

  /** What Axial made itself is acknowledged, and never its input (invariant 11). */
  #refuse({ name, error }: Extract<ReadPart, { status: "failed" }>): void {
    if (error.code !== "own-output" || name === null) this.fail(name, error);
    else this.#outcomes.push({ status: "ignored", name: nameOf(name) });
  }

  /** Ends the request early: what was stored stays stored, and the report says so. */
  breakOff(thrown: unknown): void {
    this.#brokenOff = true;
    this.fail(null, storeError(thrown));
  }

  /** Records a part that could not be read or kept. */
  fail(name: InstanceName | null, error: AxialError): void {
    if (error.code === "unavailable") this.#outage = error;
    this.#dependencies.metrics.instancesRejected.inc({ code: error.code });
    this.#outcomes.push({ status: "failed", name: name && nameOf(name), code: error.code });
  }

  /** Resolves once everything that was added is stored and on record, or has failed. */
  async finish(): Promise<StoreReport> {
    await this.#flush();
    await this.#writing;
    releaseGroupBuffer(this.#buffer);
    const studies = this.#outcomes.flatMap((one) => (one.status === "stored" ? [one.study] : []));
    await recordStores(this.#dependencies, this.#options, studies);
    const stored = this.#outcomes.some(({ status }) => status !== "failed");
    if (this.#outage !== null && !stored) throw this.#outage;
    return { outcomes: this.#outcomes, brokenOff: this.#brokenOff };
  }

  #pending({ instance, content }: ReadInstance, place: QuotaPlace): Pending {
    const { tenant, lane, expectedInstances, models, traceParent } = this.#options;
    const { facts, patientTags, studyTags, seriesTags } = instance;
    const index = this.#outcomes.push({ status: "failed", name: nameOf(facts), code: "internal" });
    return {
      index: index - 1,
      name: nameOf(facts),
      place,
      bytes: content.held === "memory" ? content.bytes : null,
      row: {
        tenant,
        facts,
        kind: "dicom",
        ...(content.held === "memory"
          ? { blob: "" as NewInstance["blob"], bytes: content.bytes.length }
          : { blob: content.key, bytes: content.size }),
        patientTags,
        studyTags: this.#firstOf(facts.studyUid, studyTags),
        seriesTags: this.#firstOf(`${facts.studyUid}/${facts.seriesUid}`, seriesTags),
        lane,
        expectedInstances,
        models,
        traceParent,
      },
    };
  }

  /** Tags of a study or series are those of its first instance in the request. */
  #firstOf(key: string, tags: () => TagSnapshot): TagSnapshot {
    const known = this.#tags.get(key) ?? tags();
    this.#tags.set(key, known);
    return known;
  }

  /** Starts writing the group; a part that is being received moves to the next buffer. */
  async #flush(): Promise<void> {
    await this.#writing;
    const group = this.#group;
    if (group.length === 0) return;
    const buffer = this.#buffer;
    this.#buffer = takeGroupBuffer();
    this.#buffer.append(buffer.part);
    this.#group = [];
    this.#writing = this.#write(group).finally(() => releaseGroupBuffer(buffer));
  }

  async #write(group: readonly Pending[]): Promise<void> {
    try {
      const rows = await this.#putBlobs(group);
      const outcomes = await this.#dependencies.committer.submit(rows);
      for (const [index, pending] of group.entries()) {
        const [outcome, row] = [outcomes[index], rows[index]];
        if (outcome === undefined || row === undefined) throw new RangeError("an outcome for each");
        await this.#settle(pending, row, outcome);
      }
    } catch (error) {
      this.#dependencies.storeOutage.failed(error);
      this.#outage = storeError(error);
      for (const pending of group) this.#settleFailed(pending, this.#outage);
    } finally {
      for (const { place } of group) place.release();
    }
  }

  async #putBlobs(group: readonly Pending[]): Promise<NewInstance[]> {
    const held = group.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
    const keys = await this.#dependencies.blobs.putMany(held);
    let next = 0;
    return group.map(({ bytes, row }) => {
      const key = bytes === null ? undefined : keys[next++];
      return key === undefined ? row : { ...row, blob: key };
    });
  }

  async #settle(pending: Pending, row: NewInstance, outcome: InstanceOutcome): Promise<void> {
    const study = outcome.status === "conflict" ? await this.#contest(row, outcome) : outcome.study;
    if (study === null) {
      this.#settleFailed(pending, new AxialError("instance-conflict"));
      return;
    }
    if (outcome.status !== "duplicate") this.#dependencies.metrics.instancesReceived.inc();
    const { index, name } = pending;
    this.#outcomes[index] = { status: "stored", name, study };
  }

  /**
   * The study of an instance whose UID is stored with other bytes: the same instance by another
   * hop, or a newer version that the tenant takes; else null.
   */
  async #contest(row: NewInstance, conflict: InstanceConflict): Promise<StudyId | null> {
    const { held, sameStudy, study } = conflict;
    const { sameInstance } = this.#dependencies;
    const { tenant, blob: came, bytes } = row;
    if (sameStudy && (await sameInstance.check({ tenant, held, came, bytes }))) return study;
    return takeNewerVersion(this.#dependencies, row, this.#options);
  }

  #settleFailed({ index, name }: Pending, error: AxialError): void {
    this.#dependencies.metrics.instancesRejected.inc({ code: error.code });
    this.#outcomes[index] = { status: "failed", name, code: error.code };
  }
}

async function* withFirst(
  first: Buffer,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function nameOf({ studyUid, seriesUid, sopClassUid, sopInstanceUid }: InstanceName): InstanceName {
  return { studyUid, seriesUid, sopClassUid, sopInstanceUid };
}
