import type { StoreReport } from "../ingest/store-report.ts";
import type { NamedInstance } from "../ingest/upload.ts";
import type { DescribedInstance } from "./metadata-facts.ts";

/** Which studies a source is searched for; what is left out matches all. */
export interface StudyQuery {
  readonly studyUid?: string | undefined;
  readonly patientId?: string | undefined;
  /** Study dates from and to, YYYYMMDD, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly modality?: string | undefined;
}

export interface FoundStudy {
  readonly studyUid: string;
  /** YYYYMMDD; empty where the source does not say. */
  readonly studyDate: string;
  readonly patientId: string;
}

export interface FoundInstance {
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  /** Empty where the source does not say. */
  readonly sopClassUid: string;
}

/** A series, or those instances of it that are missing here. */
export interface WantedSeries {
  readonly studyUid: string;
  readonly seriesUid: string;
  /** All of what is missing. */
  readonly instances: readonly FoundInstance[];
  /** Nothing of the series is here: it may be asked for whole. */
  readonly whole: boolean;
}

/** Takes instances on their way into the store, together. */
export interface Intake {
  receive(body: AsyncIterable<Buffer>): Promise<void>;
  /** Resolves once all of them are durable or refused, with an outcome for each. */
  finish(): Promise<StoreReport>;
}

/** Where fetched instances go. */
export interface InstanceSink {
  /** `named`: what it will be given is this instance. */
  open(named?: NamedInstance): Promise<Intake>;
}

/** Sub-operations that the source could not perform. */
interface Fetched {
  readonly failed: number;
}

/**
 * An archive that studies are pulled from. Every method rejects with `peer-unreachable` for what may
 * pass, and with `peer-rejected` or `peer-refused` for what an operator has to fix.
 */
export interface StudySource {
  /** Resolves when the source answers and accepts our credentials. */
  check(): Promise<void>;
  search(query: StudyQuery): Promise<readonly FoundStudy[]>;
  /** Every instance of a study; none for one that the source does not have. */
  list(studyUid: string): Promise<readonly FoundInstance[]>;
  /** Every instance of a study by its metadata; null where the source tells none. */
  describe(studyUid: string): Promise<readonly DescribedInstance[] | null>;
  /**
   * Has the instances of a series brought here: into `sink`, or to the C-STORE port. Asked again it
   * may bring the same again, which does no harm.
   */
  fetch(wanted: WantedSeries, sink: InstanceSink): Promise<Fetched>;
}
