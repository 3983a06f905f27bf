import { AxialError, newId, type StudyId } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { GIVE_UP_AFTER_MS, PlanningTroubles } from "../../src/plan/planning-troubles.ts";

const STEP_MS = 6_000;
const bug = new TypeError("undefined is not a function");

/** Fails a study repeatedly for `forMs`. Returns whether it was given up in the end. */
function failing(troubles: PlanningTroubles, study: StudyId, error: unknown, forMs: number) {
  let givenUp = false;
  for (let now = 0; now <= forMs; now += STEP_MS) {
    expect(troubles.postponed(now)).toEqual([]);
    givenUp = troubles.add(study, error, now);
  }
  return givenUp;
}

describe("studies that cannot be planned", () => {
  it("are left alone for a while, one by one", () => {
    const [troubles, study, other] = [new PlanningTroubles(), newId<StudyId>(), newId<StudyId>()];
    troubles.add(study, bug, 0);
    troubles.add(other, bug, 3_000);
    expect(troubles.postponed(4_000)).toEqual([study, other]);
    expect(troubles.postponed(6_000)).toEqual([other]);
  });

  it("are given up when a fault of ours does not pass", () => {
    const study = newId<StudyId>();
    expect(failing(new PlanningTroubles(), study, bug, GIVE_UP_AFTER_MS - STEP_MS)).toBe(false);
    expect(failing(new PlanningTroubles(), study, bug, GIVE_UP_AFTER_MS + STEP_MS)).toBe(true);
  });

  it("are waited for as long as it takes while a storage is away", () => {
    const away = new AxialError("unavailable");
    const long = 3 * GIVE_UP_AFTER_MS;
    expect(failing(new PlanningTroubles(), newId<StudyId>(), away, long)).toBe(false);
  });

  it("begin anew after they had been planned", () => {
    const [troubles, study] = [new PlanningTroubles(), newId<StudyId>()];
    troubles.add(study, bug, 0);
    expect(troubles.postponed(GIVE_UP_AFTER_MS)).toEqual([]);
    expect(troubles.add(study, bug, GIVE_UP_AFTER_MS)).toBe(false);
  });
});
