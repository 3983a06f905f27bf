import { isProvider, type Provider } from "@axial/inference";
import { ConfigError } from "@axial/kit";
import type { ModelTuning } from "./protocol.ts";

/** The providers in order. Throws ConfigError for one that is unknown or named twice. */
export function parseProviders(list: string): Provider[] {
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isProvider(name));
  if (unknown.length > 0) {
    throw new ConfigError([`AXIAL_WORKER_PROVIDERS: no provider is called ${unknown.join(", ")}`]);
  }
  if (new Set(names).size < names.length) {
    throw new ConfigError(["AXIAL_WORKER_PROVIDERS: a provider is named twice"]);
  }
  return names.filter(isProvider);
}

/** Device indices. Throws ConfigError when the first provider has no choice of device. */
export function devicesOf(list: string, providers: readonly Provider[]): number[] {
  const devices = [...new Set(list.split(",").map(Number))];
  const [first = "cpu"] = providers;
  const choosable = first === "cuda" || first === "tensorrt";
  if (!choosable && devices.some((device) => device !== 0)) {
    throw new ConfigError([`AXIAL_WORKER_DEVICES: ${first} has no devices to choose from`]);
  }
  return devices;
}

interface PerModel {
  /** Name and value of an environment variable. */
  readonly weight: readonly [string, string];
  readonly delayMs: readonly [string, string];
  readonly batchImages: Readonly<Record<string, number>>;
}

/** Settings by model id. Throws ConfigError with every entry that is not `id=number`. */
export function perModel(sources: PerModel): Record<string, ModelTuning> {
  const tunings: Record<string, ModelTuning> = {};
  const add = (id: string, tuning: ModelTuning): void => {
    tunings[id] = { ...tunings[id], ...tuning };
  };
  for (const [id, weight] of numbersById(sources.weight)) {
    if (weight === 0) throw new ConfigError([`${sources.weight[0]}: a weight is above 0`]);
    add(id, { weight });
  }
  for (const [id, delayMs] of numbersById(sources.delayMs)) add(id, { delayMs });
  for (const [id, batchImages] of Object.entries(sources.batchImages)) add(id, { batchImages });
  return tunings;
}

const ENTRY = /^([a-z0-9][a-z0-9-]{0,63})=([0-9]{1,6}(?:\.[0-9]{1,3})?)$/;

function numbersById([name, value]: readonly [string, string]): [string, number][] {
  const entries = value.split(",").flatMap((entry) => entry.trim() || []);
  const bad = entries.filter((entry) => !ENTRY.test(entry));
  if (bad.length > 0) throw new ConfigError([`${name}: not of the form id=number: ${bad}`]);
  return entries.map((entry) => {
    const [, id = "", number = ""] = ENTRY.exec(entry) ?? [];
    return [id, Number(number)];
  });
}
