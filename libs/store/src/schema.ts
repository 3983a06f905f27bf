import type {
  BackfillFilter,
  BackfillItemState,
  BackfillSource,
  BackfillState,
  BlobKey,
  DeliveryState,
  DestinationFilter,
  DestinationKind,
  Evidence,
  InstanceFacts,
  Lane,
  ModelReference,
  NewerInstancePolicy,
  PullState,
  RefusalFacts,
  ResultFormat,
  Role,
  RunId,
  RunState,
  SeriesId,
  SourceKind,
  StudyId,
  StudyState,
  TaskArm,
  TaskId,
  TaskResult,
  TaskState,
  TenantId,
  Verdict,
} from "@axial/contracts";
import type { ColumnType, Generated, JSONColumnType } from "kysely";

type Timestamp = ColumnType<Date, Date | undefined, Date>;
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;
type NullableText = ColumnType<string | null, string | null | undefined, string | null>;
type NullableNumber = ColumnType<number | null, number | null | undefined, number | null>;
/** node-postgres returns a bigint as text. */
type NullableBigint = ColumnType<string | null, number | null | undefined, number | null>;
/** Written as text, because node-postgres would take a JavaScript array for a Postgres array. */
type Json<T extends object> = JSONColumnType<T, string | undefined, string>;

export interface TenantTable {
  id: TenantId;
  weight: Generated<number>;
  max_concurrent_tasks: number | null;
  max_tasks_per_minute: number | null;
  paused: Generated<boolean>;
  /** Tasks that may be dispatched at once under max_tasks_per_minute, as of `rate_at`. */
  rate_tokens: Generated<number>;
  rate_at: Timestamp;
  quiet_period_seconds: Generated<number>;
  /** Retention; null keeps for ever. See docs/OPERATIONS.md. */
  keep_images_days: NullableNumber;
  keep_studies_days: NullableNumber;
  keep_superseded_days: NullableNumber;
  keep_audit_days: NullableNumber;
  keep_deliveries_days: NullableNumber;
  max_image_bytes: NullableBigint;
  newer_instance: Generated<NewerInstancePolicy>;
  /** Whether instances are stored without their patients. */
  deidentify: Generated<"off" | "modified-dates" | "full-dates">;
  deidentify_key: ColumnType<Buffer, never, never>;
  /** Where images have text burned in; the schema is `PixelRulesSchema`. */
  deidentify_regions: Json<readonly object[]>;
  /** Quotas; null for none. See 0028-quotas. */
  max_requests_per_minute: NullableNumber;
  max_stored_bytes: NullableBigint;
  max_stored_instances: NullableBigint;
  max_pending_tasks: NullableNumber;
  max_keys: NullableNumber;
  max_event_streams: NullableNumber;
  created_at: Timestamp;
}

/** What a tenant has stored, as of the last time that changes were folded into it. */
interface TenantUsageTable {
  tenant_id: TenantId;
  bytes: string;
  instances: string;
}

/** What triggers counted since. */
interface TenantUsageChangeTable extends TenantUsageTable {
  id: Generated<string>;
}

/** Requests of a tenant in a minute. */
interface RequestCountTable {
  key: string;
  minute: string;
  requests: number;
}

/** Wrong keys from an address. */
interface LoginFailureTable {
  address: string;
  failures: number;
  last_at: Timestamp;
}

export interface ApiKeyTable {
  id: string;
  tenant_id: TenantId;
  name: string;
  role: Role;
  hash: string;
  created_at: Timestamp;
  revoked_at: NullableTimestamp;
  expires_at: NullableTimestamp;
  /** What it is for; null: everything. See `KeyScope`. */
  lanes: ColumnType<Lane[] | null, readonly Lane[] | null | undefined, never>;
  models: ColumnType<string[] | null, readonly string[] | null | undefined, never>;
  ae_titles: ColumnType<string[] | null, readonly string[] | null | undefined, never>;
  /** Made from AXIAL_ADMIN_KEY. */
  installation: Generated<boolean>;
}

interface AuditTable {
  id: Generated<string>;
  at: Timestamp;
  tenant_id: TenantId;
  key_id: string | null;
  action: string;
  outcome: Generated<"success" | "refused">;
  address: ColumnType<string | null, string | null | undefined, never>;
  target: string | null;
  detail: Json<object>;
  /** Its place in the tenant's chain, and the hash that covers all before: see 0016-audit-chain. */
  seq: ColumnType<string | null, never, never>;
  hash: ColumnType<Buffer | null, never, never>;
}

/** Where a tenant's chain of audit entries begins and ends. */
interface AuditChainTable {
  tenant_id: TenantId;
  first_seq: ColumnType<string, never, never>;
  first_hash: ColumnType<Buffer, never, never>;
  last_seq: ColumnType<string, never, never>;
  last_hash: ColumnType<Buffer, never, never>;
}

export interface StudyTable {
  id: StudyId;
  tenant_id: TenantId;
  study_uid: string;
  state: StudyState;
  lane: Lane;
  requested_models: string[] | null;
  expected_instances: number | null;
  instance_count: Generated<number>;
  tags: Json<object>;
  close_reason: string | null;
  /** Why the study waits for the planner; null when it does not. */
  plan_reason: RunReason | null;
  received_at: Timestamp;
  last_instance_at: Timestamp;
  closed_at: NullableTimestamp;
  completed_at: NullableTimestamp;
  state_since: Timestamp;
  /** Under legal hold since; nothing of it is swept. */
  hold_since: NullableTimestamp;
  hold_reason: ColumnType<string | null, string | null | undefined, string | null>;
  /** When retention removed its images; later arrivals are stored again. */
  images_removed_at: NullableTimestamp;
  /** Bytes of its images as of `images_measured_at`. */
  image_bytes: NullableBigint;
  images_measured_at: NullableTimestamp;
  /** False for a PNG or JPEG that was posted: no study of the archive. */
  dicom: Generated<boolean>;
  /** Of the request that stored of it last; null without tracing. */
  trace_parent: NullableText;
}

export interface SeriesTable {
  id: SeriesId;
  study_id: StudyId;
  series_uid: string;
  modality: string | null;
  tags: Json<object>;
  instance_count: Generated<number>;
  /** Made by Axial: reports, heat maps. */
  own: Generated<boolean>;
}

interface InstanceTable {
  id: string;
  tenant_id: TenantId;
  study_id: StudyId;
  series_id: SeriesId;
  sop_instance_uid: string;
  sop_class_uid: string;
  transfer_syntax: string;
  kind: "dicom" | "image";
  blob: BlobKey;
  /** A bigint column: node-postgres returns it as text. */
  bytes: ColumnType<string, number, number>;
  facts: Json<InstanceFacts>;
  received_at: Timestamp;
  /** Of an identity that contradicts its study's patient; null for the study's own. */
  identity_id: ColumnType<string | null, string | null | undefined, string | null>;
  /** The run of which Axial made it; null for what was received. */
  own_run_id: ColumnType<RunId | null, RunId | null | undefined, RunId | null>;
}

/** A patient named by instances of a study, in contradiction to the study's own. */
interface StudyIdentityTable {
  id: string;
  study_id: StudyId;
  tenant_id: TenantId;
  digest: string;
  tags: Json<object>;
  created_at: Timestamp;
  /** When an operator said that it is the study's patient. */
  resolved_at: NullableTimestamp;
}

/**
 * An instance that was deleted, or a version that a newer one replaced. Its file is kept until
 * then; `infinity`: as long as its study. Rows without facts cannot be restored.
 */
interface DeletedInstanceTable {
  id: string;
  tenant_id: TenantId;
  study_uid: string;
  series_uid: string;
  sop_instance_uid: string;
  blob: BlobKey;
  bytes: ColumnType<string, number, number>;
  deleted_at: Timestamp;
  /** node-postgres reads `infinity` as a number. */
  keep_until: ColumnType<Date | number, Date, Date>;
  reason: Generated<"deleted" | "replaced">;
  kind: InstanceTable["kind"] | null;
  facts: JSONColumnType<InstanceFacts | null, string | null, string | null>;
  study_tags: JSONColumnType<object | null, string | null, string | null>;
  series_tags: JSONColumnType<object | null, string | null, string | null>;
  patient_tags: JSONColumnType<object | null, string | null, string | null>;
}

/** A name of a study, folded, with the pieces that it is found by. */
interface StudyNameTable {
  study_id: StudyId;
  tag: string;
  identity_id: Generated<string>;
  tenant_id: TenantId;
  name: string;
  grams: string[];
}

export type RunReason = "closed" | "late-arrival" | "rerun";

export interface RunTable {
  id: RunId;
  study_id: StudyId;
  number: number;
  reason: RunReason;
  state: RunState;
  unfinished: number;
  created_at: Timestamp;
  completed_at: NullableTimestamp;
  /** When it first ended with an answer; a trigger sets it. The newest such run is current. */
  answered_at: NullableTimestamp;
  /** Its objects are still to be made; a trigger sets it when the run ends with an answer. */
  render_due: Generated<boolean>;
  render_failures: Generated<number>;
  render_after: Timestamp;
  /** Of its planning; null without tracing. */
  trace_parent: NullableText;
}

/** One past attempt of a task, for the operator. */
export interface AttemptRecord {
  attempt: number;
  at: string;
  code: string;
  detail?: string;
  /** The worker that held it; unknown where no worker reported how it ended. */
  worker?: string;
  /** It took down an engine in which nothing else ran. */
  alone?: boolean;
}

export interface TaskTable {
  id: TaskId;
  run_id: RunId;
  study_id: StudyId;
  series_id: SeriesId;
  tenant_id: TenantId;
  lane: Lane;
  model_id: string;
  model_version: string;
  /** Which of the versions that a canary divides the traffic between; null without one. */
  arm: ColumnType<TaskArm | null, TaskArm | null | undefined, never>;
  /** Tells the tasks of one series and model apart: a model may answer for each film. */
  part: Generated<number>;
  /** The blob of the `TaskInput`: queries select it as `input`; triggers and the queue know the older name. */
  manifest: BlobKey;
  slices: number;
  state: TaskState;
  attempt: Generated<number>;
  failures: Generated<number>;
  isolate: Generated<boolean>;
  not_before: Timestamp;
  error_code: string | null;
  error_detail: string | null;
  history: Json<AttemptRecord[]>;
  created_at: Timestamp;
  dispatched_at: NullableTimestamp;
  /** The lane whose queue it was put on: higher than its own after too long a wait. */
  dispatched_lane: Lane | null;
  finished_at: NullableTimestamp;
  state_since: Timestamp;
  /** Of its planning; null without tracing. */
  trace_parent: NullableText;
}

export interface PredictionTable {
  id: string;
  task_id: TaskId;
  run_id: RunId;
  study_id: StudyId;
  series_id: SeriesId;
  tenant_id: TenantId;
  model_id: string;
  model_version: string;
  model_sha256: string;
  evidence: Evidence;
  provider: string;
  label: string;
  probability: number;
  result: Json<TaskResult>;
  result_blob: BlobKey;
  attempt: number;
  wait_ms: number;
  persist_ms: number;
  created_at: Timestamp;
}

export interface RefusalTable {
  id: string;
  run_id: RunId;
  task_id: TaskId | null;
  study_id: StudyId;
  series_id: SeriesId | null;
  model_id: string | null;
  model_version: ColumnType<string | null, string | null | undefined, never>;
  arm: ColumnType<TaskArm | null, TaskArm | null | undefined, never>;
  code: string;
  facts: Json<RefusalFacts>;
  created_at: Timestamp;
}

interface WorkerTable {
  id: string;
  capacity: number;
  models: string[];
  lanes: Generated<Lane[]>;
  provider: string;
  seen_at: Timestamp;
  /** What the orchestrator calls its kind; `default` outside a cluster. */
  pool: Generated<string>;
  version: ColumnType<string | null, string | null | undefined, string | null>;
  /** By how much its clock is ahead of PostgreSQL's, its message's way included. */
  clock_skew_seconds: Generated<number>;
  /** Tasks of each lane that it holds; a lane left out has none, or an older worker said nothing. */
  held: JSONColumnType<Partial<Record<Lane, number>>, string | undefined, string>;
}

/** How full one limit of the intake is, as the gateway said whose reading was the highest. */
interface IntakeLevelTable {
  /** As in the label of `axial_admission_level`. */
  name: string;
  /** As operators read it. */
  what: string;
  level: number;
  /** Of the volume, in bytes; null where it has none on the gateway's machine. */
  disk_size: ColumnType<string | null, number | null, number | null>;
  disk_free: ColumnType<string | null, number | null, number | null>;
  read_at: Timestamp;
}

/** A backup that was made to its end. */
interface CompletedBackupTable {
  id: string;
  at: ColumnType<Date, Date, Date>;
  rows: ColumnType<string, number, number>;
  blobs: ColumnType<string, number, number>;
  missing: ColumnType<string, number, number>;
}

/** Written by probes, to know that writes are taken. */
interface WriteProbeTable {
  process: string;
  at: ColumnType<Date, Date, Date>;
}

/** Seconds that a worker needs for an image. */
interface DeviceTimeTable {
  model_id: string;
  provider: string;
  seconds_per_image: number;
  measured_at: Timestamp;
}

/** What was done in a minute, and what waited at its end. */
interface WorkMinuteTable {
  minute: ColumnType<Date, Date, never>;
  tenant_id: TenantId;
  lane: Lane;
  model_id: string;
  waiting: number;
  running: number;
  oldest_seconds: number;
  results: number;
  /** Batches that the results were in, and the images of all of them. */
  batches: number;
  batch_images: number;
  /** Results by how long they took; see `history/latency.ts`. */
  latency: number[];
}

/** A lane that an operator has paused: nothing is dispatched from it. */
interface PausedLaneTable {
  lane: Lane;
  since: Timestamp;
}

/** A minute that was recorded, with or without work. */
interface WorkSampleTable {
  minute: ColumnType<Date, Date, never>;
}

/** Weighted fair share: what a tenant has been served in a lane, divided by its weight. */
interface DispatchShareTable {
  lane: Lane;
  tenant_id: TenantId;
  pass: number;
}

/** Answers kept for `Idempotency-Key`; status is null while the first request still runs. */
interface IdempotencyKeyTable {
  tenant_id: TenantId;
  key: string;
  fingerprint: string;
  status: number | null;
  body: JSONColumnType<object | null, string | null | undefined, string | null>;
  created_at: Timestamp;
}

interface ModelVersionTable {
  id: string;
  version: string;
  sha256: string;
  evidence: Evidence;
  first_seen_at: Timestamp;
}

/** A model whose version in use is chosen: held, or with a canary that gets `percent` of 100. */
export interface CanaryTable {
  model_id: string;
  stable_version: string;
  canary_version: string | null;
  percent: number | null;
  since: Timestamp;
}

/** Where results are sent; `target` holds credentials too, and is never shown as it is. */
export interface DestinationTable {
  id: string;
  tenant_id: TenantId;
  name: string;
  kind: DestinationKind;
  target: Json<object>;
  /** Signs what is posted to a webhook. */
  secret: string | null;
  formats: ResultFormat[];
  filter: Json<DestinationFilter>;
  synthetic_models: string[];
  paused: Generated<boolean>;
  created_at: Timestamp;
}

/** `study.failed`: all tasks of its newest run died; an earlier answer stays current. */
export type DeliveryEvent = "study.complete" | "study.amended" | "study.failed";

/** Written by a trigger when a study completes. */
interface DeliveryTable {
  id: string;
  destination_id: string | null;
  tenant_id: TenantId;
  study_id: StudyId;
  run_id: RunId;
  event: DeliveryEvent;
  state: Generated<DeliveryState>;
  attempts: Generated<number>;
  not_before: Timestamp;
  last_error: string | null;
  created_at: Timestamp;
  delivered_at: NullableTimestamp;
}

/** Storage commitment that was asked for a delivery; `failed` counts instances, once reported. */
interface CommitmentTable {
  transaction_uid: string;
  tenant_id: TenantId;
  delivery_id: string;
  failed: ColumnType<number | null, number | null | undefined, number | null>;
  asked_at: Timestamp;
  reported_at: NullableTimestamp;
}

/** An order by its accession number; see 0034-orders. */
interface ImagingOrderTable {
  tenant_id: TenantId;
  accession: string;
  stat: boolean;
  received_at: Timestamp;
}

/** An archive that studies are pulled from; `target` holds credentials too, and is never shown as it is. */
export interface StudySourceTable {
  id: string;
  tenant_id: TenantId;
  name: string;
  kind: SourceKind;
  target: Json<object>;
  /** Studies that are pulled at once. */
  parallel: Generated<number>;
  created_at: Timestamp;
}

/** A study on its way from a source; see 0032-sources. */
export interface PullTable {
  id: string;
  tenant_id: TenantId;
  source_id: string;
  backfill_id: string | null;
  /** As the source names it. */
  study_uid: string;
  /** As it is stored: another for a tenant whose instances lose their patients. */
  stored_uid: string;
  lane: Lane | null;
  models: string[] | null;
  /** Earlier studies of the patient that are pulled once this one is here. */
  priors: Generated<number>;
  state: Generated<PullState>;
  /** Instances at the source, once they were listed. */
  found: number | null;
  /** Of them, those that are here. */
  present: Generated<number>;
  attempts: Generated<number>;
  /** Attempts in a row that brought nothing. */
  failures: Generated<number>;
  not_before: Timestamp;
  leased_until: Timestamp;
  last_error: string | null;
  created_at: Timestamp;
  finished_at: NullableTimestamp;
}

/** A DICOM application entity that may send by C-STORE; `calling_title` null: every caller. */
export interface ApplicationEntityTable {
  id: string;
  tenant_id: TenantId;
  called_title: string;
  calling_title: string | null;
  lane: Generated<Lane>;
  models: string[] | null;
  close_on_release: Generated<boolean>;
  /** Where it listens, for reports on an association of ours; null when it is not known. */
  host: string | null;
  port: number | null;
  /** `TlsSchema`: how it is spoken to there; null in the clear. */
  tls: JSONColumnType<object | null, string | null | undefined, string | null>;
  /** What becomes of newer versions that it sends; null as its tenant says. */
  newer_instance: ColumnType<
    NewerInstancePolicy | null,
    NewerInstancePolicy | null | undefined,
    NewerInstancePolicy | null
  >;
  created_at: Timestamp;
}

/** A report of storage commitment that a peer is owed; see 0050-commitment-reports. */
interface CommitmentReportTable {
  id: string;
  tenant_id: TenantId;
  called_title: string;
  calling_title: string;
  transaction_uid: string;
  instances: Json<readonly object[]>;
  attempts: Generated<number>;
  not_before: Timestamp;
  created_at: Timestamp;
}

/** An association that closes a study when it ends; see 0051-open-associations. */
interface OpenAssociationTable {
  study_id: StudyId;
  association_id: string;
  door_id: string;
  broken: Generated<boolean>;
  alive_at: Timestamp;
}

/** The verdict of a key's holder on a prediction; a new one replaces it. */
interface FeedbackTable {
  id: string;
  tenant_id: TenantId;
  prediction_id: string;
  key_id: string;
  verdict: Verdict;
  label: string | null;
  comment: string | null;
  created_at: Timestamp;
}

/** A blob that nothing refers to, or that was collected; see docs/adr/0009. */
interface BlobTombstoneTable {
  key: BlobKey;
  bytes: ColumnType<string, number | undefined, number>;
  condemned_at: Timestamp;
  /** From then on it may be gone at any moment, until `deleted_at`. */
  deleting_at: NullableTimestamp;
  deleted_at: NullableTimestamp;
}

/** While one of these is in force no blob is collected. */
interface BlobHoldTable {
  id: string;
  until: ColumnType<Date, Date, Date>;
}

/** When each kind of sweep is due, and where it continues. */
interface SweepTable {
  name: string;
  due_at: Timestamp;
  place: Generated<number>;
}

/** A run of models over an archive; see 0024-backfills. */
export interface BackfillTable {
  id: string;
  tenant_id: TenantId;
  name: string;
  source: BackfillSource;
  /** Where it is pulled from; null for others, and once that source was removed. */
  source_id: ColumnType<string | null, string | null | undefined, string | null>;
  /** What a client sends, as a digest: the same source goes on. */
  source_key: string | null;
  filter: Json<BackfillFilter>;
  models: string[] | null;
  state: Generated<BackfillState>;
  /** A client names its studies one by one (the API's field has the same name); else files or a filter say them. */
  manifest: Generated<boolean>;
  /** Every item of its source is known. */
  listed: Generated<boolean>;
  /** How far listing has come: the last stored study, or the day after the last of a source. */
  listed_after: ColumnType<string | null, string | null | undefined, string | null>;
  /** Hours of the day in `time_zone`, as 19:00-06:00. */
  time_window: string | null;
  time_zone: Generated<string>;
  rate_per_minute: number | null;
  /** Items that may be started at once under `rate_per_minute`, as of `rate_at`. */
  rate_tokens: Generated<number>;
  rate_at: Timestamp;
  created_at: Timestamp;
  finished_at: NullableTimestamp;
}

/** Items of a backfill that are in one state for one reason; see 0052-backfill-tallies. */
interface BackfillTallyTable {
  backfill_id: string;
  state: BackfillItemState;
  /** '' for none. */
  code: string;
  /** bigint columns: node-postgres gives them as text. */
  items: string;
  ended: string;
  first_started: Date | null;
  last_finished: Date | null;
}

/** What triggers counted since. */
interface BackfillTallyChangeTable extends BackfillTallyTable {
  id: Generated<string>;
}

/** A study of a backfill. */
interface BackfillItemTable {
  id: string;
  backfill_id: string;
  tenant_id: TenantId;
  study_uid: string;
  /** As the source of a pulled backfill names it. */
  source_uid: ColumnType<string | null, string | null | undefined, string | null>;
  state: BackfillItemState;
  code: string | null;
  /** How often it was started. */
  attempts: Generated<number>;
  /** Its source says that all of it has come: no quiet period has to pass. */
  whole: Generated<boolean>;
  created_at: Timestamp;
  started_at: NullableTimestamp;
  finished_at: NullableTimestamp;
}

/** What was measured here of a version of a model. */
interface QualityReferenceTable {
  model_id: string;
  model_version: string;
  reference: Json<ModelReference>;
  measured_at: Timestamp;
}

/** Every table, for Kysely. */
export interface Schema {
  tenant: TenantTable;
  api_key: ApiKeyTable;
  audit: AuditTable;
  audit_chain: AuditChainTable;
  study: StudyTable;
  series: SeriesTable;
  instance: InstanceTable;
  study_identity: StudyIdentityTable;
  study_name: StudyNameTable;
  deleted_instance: DeletedInstanceTable;
  run: RunTable;
  task: TaskTable;
  prediction: PredictionTable;
  refusal: RefusalTable;
  worker: WorkerTable;
  device_time: DeviceTimeTable;
  dispatch_share: DispatchShareTable;
  idempotency_key: IdempotencyKeyTable;
  model_version: ModelVersionTable;
  canary: CanaryTable;
  destination: DestinationTable;
  commitment: CommitmentTable;
  commitment_report: CommitmentReportTable;
  open_association: OpenAssociationTable;
  imaging_order: ImagingOrderTable;
  study_source: StudySourceTable;
  pull: PullTable;
  delivery: DeliveryTable;
  feedback: FeedbackTable;
  application_entity: ApplicationEntityTable;
  blob_tombstone: BlobTombstoneTable;
  blob_hold: BlobHoldTable;
  completed_backup: CompletedBackupTable;
  write_probe: WriteProbeTable;
  sweep: SweepTable;
  intake_level: IntakeLevelTable;
  paused_lane: PausedLaneTable;
  work_minute: WorkMinuteTable;
  work_sample: WorkSampleTable;
  backfill: BackfillTable;
  backfill_item: BackfillItemTable;
  backfill_tally: BackfillTallyTable;
  backfill_tally_change: BackfillTallyChangeTable;
  tenant_usage: TenantUsageTable;
  tenant_usage_change: TenantUsageChangeTable;
  request_count: RequestCountTable;
  login_failure: LoginFailureTable;
  quality_reference: QualityReferenceTable;
}
