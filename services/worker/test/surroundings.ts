import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import {
  type BlobKey,
  INFER_QUEUES,
  type InferJob,
  inferJobId,
  type Lane,
  newId,
  newUid,
  type OutcomeMessage,
  parseAs,
  RESULTS_STREAM,
  type ResultMessage,
  ResultMessageSchema,
  type TaskId,
  type TaskInput,
  type TaskResult,
} from "@axial/contracts";
import { listModelPackages, readManifest } from "@axial/inference";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import {
  eventually,
  openSmallDisk,
  phantomSeries,
  type QueueBackend,
  type SmallDisk,
  TINY_MODELS,
} from "@axial/testkit";
import { HANGS_AFTER_MS, startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** What surrounds a worker: a queue, a blob store, a dispatcher's hand and a recorder's ear. */
export interface Surroundings {
  readonly queues: Queues;
  readonly queueUrl: string;
  readonly blobs: BlobStore;
  /** Where the blobs lie. */
  readonly disk: SmallDisk;
  readonly messages: readonly ResultMessage[];
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  /** Puts a series of phantoms (or the given files) on a lane's queue. */
  dispatch(options?: DispatchOptions): Promise<InferJob>;
  /** The message that ends the attempt. */
  outcome(job: InferJob): Promise<OutcomeMessage>;
  result(job: InferJob): Promise<TaskResult>;
  /** Kills the workers that were started, and takes off the queues what waits for them. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

interface DispatchOptions {
  readonly lane?: Lane;
  /** Slices of the series; beyond a few they repeat. */
  readonly slices?: number;
  readonly files?: readonly Uint8Array[];
  readonly attempt?: number;
  readonly again?: InferJob;
  readonly isolate?: boolean;
  /** Of the tiny model; 1.0.0 by default. */
  readonly version?: string;
}

/** Slices of a dispatched series that differ; a longer one repeats them. */
export const DISTINCT_SLICES = 8;

export async function surroundings(backend: QueueBackend): Promise<Surroundings> {
  const server = await backend.start();
  const folder = await mkdtemp(join(tmpdir(), "axial-test-worker-"));
  const disk = await openSmallDisk(join(folder, "blobs"));
  const blobUrl = pathToFileURL(join(folder, "blobs")).href;
  const blobs = openBlobStore(blobUrl);
  const queues = openQueues(server.url, {
    logger: createLogger({ service: "test", level: "silent" }),
  });
  const messages: ResultMessage[] = [];
  queues.streams.read(RESULTS_STREAM, { concurrency: 10 }, async (message) => {
    messages.push(parseAs(ResultMessageSchema, message.data));
  });
  const workers: WorkerProcess[] = [];

  const startWorker = async (env: Record<string, string> = {}): Promise<WorkerProcess> => {
    const worker = await startWorkerProcess({
      AXIAL_QUEUE_URL: server.url,
      AXIAL_BLOB_URL: blobUrl,
      AXIAL_MODELS_DIR: TINY_MODELS,
      ...env,
    });
    workers.push(worker);
    return worker;
  };
  const dispatch = async (options: DispatchOptions = {}): Promise<InferJob> => {
    const { again, lane = again?.lane ?? "routine" } = options;
    const task = again?.task ?? newId<TaskId>();
    const manifest = again?.manifest ?? (await putInput(blobs, task, options));
    const job: InferJob = {
      task,
      attempt: (again?.attempt ?? 0) + 1,
      manifest,
      lane,
      model: "tiny-brain",
      dispatchedAt: Date.now(),
      ...(options.isolate === true ? { isolate: true } : {}),
    };
    await queues.jobs.add(INFER_QUEUES[lane], [{ id: inferJobId(job), data: job }]);
    return job;
  };
  const outcome = (job: InferJob) =>
    eventually(
      "the attempt ends",
      () =>
        messages.find(
          (message) =>
            message.kind !== "worker" &&
            message.task === job.task &&
            message.attempt === job.attempt,
        ),
      HANGS_AFTER_MS,
    ) as Promise<OutcomeMessage>;
  const result = async (job: InferJob): Promise<TaskResult> => {
    const message = await outcome(job);
    if (message.kind !== "done") throw new Error(`not done: ${JSON.stringify(message)}`);
    return JSON.parse(new TextDecoder().decode(await blobs.get(message.result)));
  };
  const stopWorkers = async (): Promise<void> => {
    const stopped = workers.splice(0);
    for (const worker of stopped) worker.signal("SIGKILL");
    await Promise.all(stopped.map((worker) => worker.exited));
    for (const worker of stopped) killLeftEngine(worker);
  };
  const clear = async (): Promise<void> => {
    await stopWorkers();
    for (const queue of Object.values(INFER_QUEUES)) {
      const { waiting } = await queues.jobs.listed(queue);
      for (const id of waiting) await queues.jobs.remove(queue, id);
    }
  };
  const close = async (): Promise<void> => {
    await stopWorkers();
    await queues.close();
    await server.stop();
    await disk.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    queues,
    queueUrl: server.url,
    blobs,
    disk,
    messages,
    startWorker,
    dispatch,
    outcome,
    result,
    clear,
    close,
  };
}

/** An engine that a failed test left stopped would hold the test run open. */
function killLeftEngine(worker: WorkerProcess): void {
  const pid = worker.enginePid();
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function putInput(
  blobs: BlobStore,
  task: TaskId,
  options: DispatchOptions,
): Promise<BlobKey> {
  const { slices = 4 } = options;
  const distinct = Math.min(slices, DISTINCT_SLICES);
  const files = options.files ?? phantomSeries({ kind: "brain", slices: distinct, size: 64 }).files;
  const stored = await blobs.putMany(files);
  const count = options.files?.length ?? slices;
  const keys = Array.from({ length: count }, (_, index) => stored[index % stored.length]);
  const [folder = ""] = await listModelPackages(TINY_MODELS);
  const { id, weights, ...modelPackage } = await readManifest(folder);
  const version = options.version ?? modelPackage.version;
  const input: TaskInput = {
    schemaVersion: 1,
    task,
    model: { id, version, sha256: weights.sha256 },
    slices: keys
      .filter((blob) => blob !== undefined)
      .map((blob) => ({ blob, frame: 0, kind: "dicom", sopInstanceUid: newUid() })),
  };
  return blobs.put(new TextEncoder().encode(JSON.stringify(input)));
}
