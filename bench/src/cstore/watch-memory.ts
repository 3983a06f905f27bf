import { setInterval as every } from "node:timers/promises";
import type { GatewayProcess } from "../ingest/gateway-process.ts";
import { type MemorySample, slopePerGigabyte } from "../ingest/slope.ts";

const SAMPLE_EVERY_MS = 500;

/** What a gateway's resident set did while it received. */
export interface MemoryFigures {
  /** Megabytes per gigabyte received. */
  readonly slope: number;
  /** Bytes at the end, and at most. */
  readonly end: number;
  readonly most: number;
}

interface Receiving {
  readonly gateway: GatewayProcess;
  /** What will have been received in the end, at an even pace. */
  readonly bytes: number;
}

/** Watches the resident set while `work` goes on. */
export async function watchMemory(
  { gateway, bytes }: Receiving,
  work: () => Promise<void>,
): Promise<MemoryFigures> {
  const stopping = new AbortController();
  const readings: { readonly at: number; readonly resident: number }[] = [];
  const start = performance.now();
  const watching = (async () => {
    const { signal } = stopping;
    try {
      for await (const _ of every(SAMPLE_EVERY_MS, undefined, { signal })) {
        readings.push({ at: performance.now(), resident: await gateway.resident() });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  })();
  try {
    await work();
  } finally {
    stopping.abort();
    await watching;
  }
  readings.push({ at: performance.now(), resident: await gateway.resident() });
  const took = performance.now() - start;
  const samples = readings.map(
    ({ at, resident }): MemorySample => ({ received: (bytes * (at - start)) / took, resident }),
  );
  return {
    slope: slopePerGigabyte(samples),
    end: samples.at(-1)?.resident ?? 0,
    most: Math.max(...samples.map(({ resident }) => resident)),
  };
}
