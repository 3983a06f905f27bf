/**
 * The bare ONNX Runtime loop, in a process of its own: the model on noise, batch after batch,
 * with nothing around it. Sessions beyond the first run side by side in threads.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { loadModelPackage, openSession, sampleBytes } from "@axial/inference";

/** How a loop is laid out: `sessions` of `threads` each, batches of `batch` images. */
export interface BareLoop {
  readonly folder: string;
  readonly sessions: number;
  readonly threads: number;
  readonly batch: number;
}

const SELF = new URL(import.meta.url);

if (!isMainThread) {
  const run = await openLoop(workerData as BareLoop);
  parentPort?.on(
    "message",
    (images: number) => void run(images).then(() => parentPort?.postMessage(1)),
  );
  parentPort?.postMessage("ready");
} else {
  const loop = JSON.parse(process.argv[2] ?? "{}") as BareLoop;
  const run = loop.sessions === 1 ? await openLoop(loop) : await openThreads(loop);
  process.on("message", (images: number) => {
    const started = performance.now();
    void run(images).then(() => process.send?.((performance.now() - started) / 1_000));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

type Run = (images: number) => Promise<void>;

async function openLoop({ folder, threads, batch }: BareLoop): Promise<Run> {
  const pkg = await loadModelPackage(folder);
  const session = await openSession(pkg, { providers: ["cpu"], threads });
  const input = new Uint8Array(batch * sampleBytes(pkg.manifest));
  input.forEach((_, index) => {
    input[index] = (index * 2_654_435_761) >>> 24;
  });
  return async (images) => {
    for (let done = 0; done < images; done += batch) await session.run(input, batch);
  };
}

async function openThreads(loop: BareLoop): Promise<Run> {
  const threads = Array.from(
    { length: loop.sessions },
    () => new Worker(SELF, { workerData: loop }),
  );
  const answer = (thread: Worker) => new Promise((resolve) => thread.once("message", resolve));
  await Promise.all(threads.map(answer));
  return async (images) => {
    const answers = threads.map((thread) => {
      const answered = answer(thread);
      thread.postMessage(images / loop.sessions);
      return answered;
    });
    await Promise.all(answers);
  };
}
