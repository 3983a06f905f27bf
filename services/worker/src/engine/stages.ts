import type { Failure } from "@axial/contracts";
import type { EngineConfig } from "../protocol.ts";
import { DecodePool } from "./decode/decode-pool.ts";
import type { SourceConfig } from "./decode/source.ts";
import { Device } from "./device/device.ts";
import { EngineStats } from "./engine-stats.ts";
import { type InstalledModel, installedModels } from "./installed-models.ts";
import { planSessions } from "./session-plan.ts";
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
