import type { Failure } from "@axial/contracts";
import type { EngineConfig } from "../protocol.ts";
import { DecodePool } from "./decode/decode-pool.ts";
import type { SourceConfig } from "./decode/source.ts";
import { Device } from "./device/device.ts";
import { EngineStats } from "./engine-stats.ts";
import { type InstalledModel, installedModels } from "./installed-models.ts";
import { SliceFlow } from "./slice-flow.ts";

/** The models, threads and flow of an engine, over any source of slices. */
export interface Stages {
  readonly models: readonly InstalledModel[];
  readonly device: Device;
  readonly flow: SliceFlow;
  readonly stats: EngineStats;
  close(): Promise<void>;
}

export interface StagesOptions extends Omit<EngineConfig, "blobUrl"> {
  readonly source: SourceConfig;
}

/** Loads every model and starts the threads. Returns the failures when a model cannot be used. */
export async function openStages(
  options: StagesOptions,
): Promise<Stages | { readonly failures: readonly Failure[] }> {
  const { models, failures } = await installedModels(options.packages, options);
  if (failures.length > 0) return { failures };
  const { providers, source } = options;
  const { sessions, sessionThreads } = planSessions(options, models);
  const data = { models, providers, sessionThreads, device: options.device };
  const device = await Device.open(sessions, data);
  if (!(device instanceof Device)) return { failures: device.failures };
  const decoders = new DecodePool({ threads: options.decodeThreads, models, source });
  const stats = new EngineStats();
  const statApart = device.models.every(({ provider }) => provider === "cpu");
  const flow = new SliceFlow({ models, decoders, device, stats, statApart });
  const close = async () => {
    stats.close();
    await Promise.all([decoders.close(), device.close()]);
  };
  return { models, device, flow, stats, close };
}

/** Weights may be held several times over, up to this many bytes. */
const SESSION_MEMORY = 2 ** 31;
/** Weights are stored as float16 and held as float32. */
const IN_MEMORY = 2;

type Wanted = Pick<EngineConfig, "providers" | "cpus" | "sessions" | "sessionThreads">;

/**
 * How many sessions run side by side, and the threads of each. On the CPU one thread per session
 * wastes nothing: the threads of one session wait for each other at every operator, and decoding
 * on the same CPUs makes each wait for the slowest. A device is fed by one session.
 */
function planSessions(
  wanted: Wanted,
  models: readonly InstalledModel[],
): { sessions: number; sessionThreads: number } {
  const weights = models.reduce((sum, { manifest }) => sum + manifest.weights.bytes, 0);
  const affordable = Math.floor(SESSION_MEMORY / Math.max(1, weights * IN_MEMORY));
  const suitable = wanted.providers[0] === "cpu" ? Math.min(wanted.cpus, affordable) : 1;
  const sessions = wanted.sessions || Math.max(1, suitable);
  return {
    sessions,
    sessionThreads: wanted.sessionThreads || Math.max(1, Math.floor(wanted.cpus / sessions)),
  };
}
