import { sql } from "kysely";

/** Nothing of it is to be done: of rows named `study`. */
export const HAS_ENDED = sql<boolean>`study.state IN
  ('complete', 'complete-with-failures', 'failed', 'cancelled')`;

/**
 * Studies that retention may touch: nothing of them runs, waits, is on its way out, or is held.
 * For rows named `study` that are being locked: anything that starts work on a study changes its
 * row first.
 */
export const IS_FINISHED = sql<boolean>`(
  ${HAS_ENDED} AND study.plan_reason IS NULL
  AND study.hold_since IS NULL
  AND NOT EXISTS (SELECT FROM run WHERE run.study_id = study.id AND run.state = 'active')
  AND NOT EXISTS (SELECT FROM delivery WHERE delivery.study_id = study.id
    AND delivery.state = 'pending'))`;

/** It holds images, or has received some since they were removed. */
export const HAS_IMAGES = sql<boolean>`(study.images_removed_at IS NULL
  OR study.images_removed_at < study.last_instance_at)`;
