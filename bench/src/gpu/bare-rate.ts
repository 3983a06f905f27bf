import {
  type InferenceSession,
  isProvider,
  loadModelPackage,
  openSession,
  type Provider,
  sampleBytes,
  verifyGolden,
} from "@axial/inference";

/** Of one round: enough for a steady state, and seconds at most on a slow device. */
const SECONDS = 0.4;
const MIN_BATCHES = 5;

/** The provider that really runs the model with its golden outputs; throws why none does. */
export async function runningProvider(folder: string, provider: Provider): Promise<Provider> {
  const pkg = await loadModelPackage(folder);
  const session = await openSession(pkg, { providers: [provider], threads: 1 });
  try {
    await verifyGolden(session, pkg);
    if (!isProvider(session.provider)) throw new Error(`it runs on ${session.provider}`);
    return session.provider;
  } finally {
    await session.close();
  }
}

/** A session that is open and warm, to be measured in rounds. */
interface OpenLoop {
  /** Images per second of one round. */
  rate(): Promise<number>;
  close(): Promise<void>;
}

/** A loop over one session that runs zeros, batch after batch, with nothing around it. */
export async function openLoop(
  folder: string,
  batch: number,
  provider: Provider,
): Promise<OpenLoop> {
  const pkg = await loadModelPackage(folder);
  const session = await openSession(pkg, { providers: [provider], threads: 1 });
  const input = new Uint8Array(batch * sampleBytes(pkg.manifest));
  await session.run(input, batch);
  return { rate: () => rate(session, input, batch), close: () => session.close() };
}

async function rate(session: InferenceSession, input: Uint8Array, batch: number): Promise<number> {
  const started = performance.now();
  let batches = 0;
  let seconds = 0;
  while (batches < MIN_BATCHES || seconds < SECONDS) {
    await session.run(input, batch);
    batches++;
    seconds = (performance.now() - started) / 1_000;
  }
  return (batches * batch) / seconds;
}
