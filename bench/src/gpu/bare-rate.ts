import {
  type InferenceSession,
  isProvider,
  loadModelPackage,
  openSession,
  type Provider,
  sampleBytes,
  verifyGolden,
} from "@axial/inference";

/** Enough for a steady state, and seconds at most on a slow device. */
const SECONDS = 2;
const MIN_BATCHES = 5;
const ROUNDS = 5;

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

/** Images per second of a loop over one session: the median of some rounds. */
export async function bareRate(
  folder: string,
  { provider, batch }: { provider: Provider; batch: number },
): Promise<number> {
  const pkg = await loadModelPackage(folder);
  const session = await openSession(pkg, { providers: [provider], threads: 1 });
  try {
    const input = new Uint8Array(batch * sampleBytes(pkg.manifest));
    await session.run(input, batch);
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rates.push(await rate(session, input, batch));
    return rates.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  } finally {
    await session.close();
  }
}

async function rate(session: InferenceSession, input: Uint8Array, batch: number): Promise<number> {
  const started = performance.now();
  let batches = 0;
  let seconds = 0;
  while (batches < MIN_BATCHES || seconds < SECONDS / ROUNDS) {
    await session.run(input, batch);
    batches++;
    seconds = (performance.now() - started) / 1_000;
  }
  return (batches * batch) / seconds;
}
