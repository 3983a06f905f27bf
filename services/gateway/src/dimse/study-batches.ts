import { newId, type StudyId, type TenantId } from "@axial/contracts";
import { type Loop, startLoop } from "@axial/kit/loops";
import { confirmAssociations, joinStudy, leaveStudies } from "@axial/store/ingest";
import type { Dependencies } from "../dependencies.ts";

/** Thrice within the time after which an association counts as dead. */
const CONFIRM_MS = 30_000;

/** The studies that one association sends, and closes when it ends. */
export interface Batch {
  /** Resolves once it is on record that the association sends this study. */
  join(study: StudyId): Promise<void>;
  /** Closes the studies that no other association is sending, if all came whole. */
  end(isWhole: boolean): Promise<void>;
}

/**
 * Associations of one listener whose end closes studies. Of several that send one study, here and
 * at other gateways, the last to end closes it.
 */
export class StudyBatches {
  readonly #db: Dependencies["db"];
  readonly #door = newId<string>();
  readonly #open = new Set<string>();
  readonly #loop: Loop;

  constructor({ db, logger }: Pick<Dependencies, "db" | "logger">) {
    this.#db = db;
    this.#loop = startLoop({ name: "open associations", idleMs: CONFIRM_MS, logger }, async () => {
      if (this.#open.size > 0) await confirmAssociations(db, this.#door);
      return false;
    });
  }

  begin(tenant: TenantId): Batch {
    const association = newId<string>();
    const studies = new Set<StudyId>();
    return {
      join: async (study) => {
        if (studies.has(study)) return;
        await joinStudy(this.#db, { association, door: this.#door }, study);
        this.#open.add(association);
        studies.add(study);
      },
      end: async (isWhole) => {
        this.#open.delete(association);
        if (studies.size > 0) await leaveStudies(this.#db, { tenant, association, isWhole });
      },
    };
  }

  close(): Promise<void> {
    return this.#loop.close();
  }
}
