import { setTimeout as delay } from "node:timers/promises";
import { asAxialError, type ErrorCode } from "@axial/contracts";
import { backoffMs, OutageLog } from "@axial/kit";
import { type DueRendering, putOffRendering, takeRenderings } from "@axial/store/own";
import type { Dependencies } from "../dependencies.ts";
import { keepObjects } from "./keep-objects.ts";
import { readRunSources } from "./run-sources.ts";

/** One run at a time in each process: drawing is work for the processor that answers requests. */
const BATCH = 1;
/** Longer than a run takes; one whose process died is due again after this. */
const LEASE_SECONDS = 120;
const POLL_MS = 1_000;
/** Pauses grow to a minute: half an hour of a blob store that is away. */
const MAX_FAILURES = 30;
/** Not now, and not later: the run has gone, or is of images that are not DICOM. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set(["not-found", "conflict"]);

type RendererOptions = Pick<
  Dependencies,
  "db" | "blobs" | "models" | "drawings" | "logger" | "metrics"
>;

interface Renderer {
  close(): Promise<void>;
}

/** Makes the objects of runs as they end, until closed. */
export function startRenderer(options: RendererOptions): Renderer {
  const closing = new AbortController();
  const running = renderUntil(closing.signal, options);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function renderUntil(closing: AbortSignal, options: RendererOptions): Promise<void> {
  const logger = options.logger.child({ component: "objects" });
  const outage = new OutageLog(logger, "database");
  while (!closing.aborted) {
    const rendered = await renderDue({ ...options, logger, closing }).catch((error: unknown) =>
      outage.failed(error),
    );
    if (rendered !== undefined) outage.worked();
    if (rendered !== BATCH) await delay(POLL_MS, undefined, { signal: closing }).catch(() => {});
  }
}

interface RenderContext extends RendererOptions {
  readonly closing: AbortSignal;
}

async function renderDue(options: RenderContext): Promise<number> {
  const due = await takeRenderings(options.db, { limit: BATCH, leaseSeconds: LEASE_SECONDS });
  for (const one of due) await renderOne(options, one);
  return due.length;
}

async function renderOne(
  options: RenderContext,
  { run, tenant, studyUid, failures }: DueRendering,
): Promise<void> {
  try {
    const objects = await keepObjects(
      options,
      await readRunSources(options, { tenant, studyUid, run }),
    );
    options.metrics.objectsMade.inc(objects.length);
  } catch (thrown) {
    // Closing ends the threads that draw: no failure of the run, which is due again after its lease.
    if (options.closing.aborted) return;
    const error = asAxialError(thrown);
    const over = HOPELESS.has(error.code) || failures >= MAX_FAILURES;
    const again = over ? null : new Date(Date.now() + backoffMs(failures + 1, Math.random));
    await putOffRendering(options.db, run, again);
    if (HOPELESS.has(error.code)) return;
    options.logger.warn({ err: error, run, over }, "a run was not rendered");
  }
}
