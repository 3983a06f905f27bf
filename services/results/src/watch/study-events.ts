import { createHash } from "node:crypto";
import { FINISHED_STUDY_STATES, type StudyId, type TenantId } from "@axial/contracts";
import { WakeUp } from "@axial/kit/loops";
import type { Database } from "@axial/store/database";
import { readStudy } from "@axial/store/views";
import { studyView } from "../views/study-view.ts";
import type { StudyWatcher } from "./study-watcher.ts";

/** Notifications can be missed: the study is read again after this, and proxies see a byte. */
const POLL_MS = 10_000;
/** A stream ends after this; EventSource opens it again by itself. */
const MAX_STREAM_MS = 3_600_000;

interface WatchedStudy {
  readonly tenant: TenantId;
  readonly study: { readonly id: StudyId; readonly study_uid: string };
  readonly signal: AbortSignal;
}

/** Where the study is read, and what reports its changes. */
export interface EventSource {
  readonly db: Database;
  readonly watcher: StudyWatcher;
}

/**
 * The study as an event whenever it differs from what was sent last, a comment as a heartbeat
 * otherwise; ends once the study is finished, gone, or `signal` is aborted.
 */
export async function* studyEvents(
  { db, watcher }: EventSource,
  { tenant, study, signal }: WatchedStudy,
): AsyncGenerator<string> {
  const changes = new WakeUp();
  const wake = () => changes.wake();
  signal.addEventListener("abort", wake, { once: true });
  const unwatch = watcher.watch(study.id, wake);
  const deadline = Date.now() + MAX_STREAM_MS;
  let sent = "";
  try {
    while (!signal.aborted && Date.now() < deadline) {
      const record = await readStudy(db, tenant, study.study_uid);
      if (record === null) return;
      const data = JSON.stringify(studyView(record));
      const id = createHash("sha256").update(data).digest("base64url").slice(0, 16);
      yield id === sent ? ": still here\n\n" : `id: ${id}\nevent: study\ndata: ${data}\n\n`;
      sent = id;
      if (FINISHED_STUDY_STATES.includes(record.study.state)) {
        yield `event: end\ndata: {"state":"${record.study.state}"}\n\n`;
        return;
      }
      await changes.wait(POLL_MS);
    }
  } finally {
    unwatch();
    signal.removeEventListener("abort", wake);
  }
}
