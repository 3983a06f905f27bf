import type { Lane } from "@axial/contracts";

/** An instance as it was sent. */
export interface SentInstance {
  readonly uid: string;
  /** Of the file. */
  readonly sha256: string;
  /** Of what follows its file meta information: C-STORE sends that alone. */
  readonly dataSetSha256: string;
}

export interface SentSeries {
  readonly uid: string;
  /** Series of the same content hold the same pixels and must get the same answer. */
  readonly content: string;
  /** What the planner must decide. */
  readonly expected: "prediction" | "refusal";
  readonly instances: readonly SentInstance[];
}

/** What a sender knows about its study. */
export interface SentStudy {
  readonly tenant: string;
  readonly uid: string;
  readonly lane: Lane;
  /** By STOW-RS a file comes as it is; by C-STORE its data set does. */
  readonly service: "stow" | "dimse";
  readonly series: SentSeries[];
  /** The number of runs it may have: one, and one more for each late arrival or rerun. */
  runs: number;
  /** The final state that it must reach; a cancelled study may have answers or not. */
  end: "complete" | "cancelled";
  /** Instances that the gateway called stored. */
  readonly acknowledged: Set<string>;
  /** Every instance was acknowledged, and so was the study's end and whatever was asked after it. */
  whole: boolean;
}

/** What all senders together were promised: everything that must exist in the end. */
export class Ledger {
  readonly studies: SentStudy[] = [];
  /** Answers to good requests that no sender would repeat: each is a fault of the gateway. */
  readonly rejections: string[] = [];
  /** What made senders try again, with how often. */
  readonly retried = new Map<string, number>();

  retry(why: string): void {
    this.retried.set(why, (this.retried.get(why) ?? 0) + 1);
  }

  get acknowledged(): number {
    return this.studies.reduce((sum, study) => sum + study.acknowledged.size, 0);
  }
}
