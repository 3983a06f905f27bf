import type { Failure } from "@axial/contracts";
import { fellBack } from "@axial/inference";
import type { EngineSettings, ReadyModel } from "../protocol.ts";

export type EngineState =
  | { readonly status: "starting" }
  | { readonly status: "ready"; readonly models: readonly ReadyModel[] }
  | { readonly status: "unready"; readonly failures: readonly Failure[] }
  | { readonly status: "down"; readonly reason: string };

/** Why an engine that loaded its models may not serve: it runs elsewhere than it was told to. */
export function fallbacks(
  { providers }: Pick<EngineSettings, "providers">,
  models: readonly ReadyModel[],
): Failure[] {
  const fallen = models.find(({ provider }) => fellBack(provider, providers));
  if (fallen === undefined) return [];
  const detail = `told to use ${providers[0]}, ${fallen.id} runs on ${fallen.provider}`;
  return [{ code: "provider-fallback", detail }];
}

/** The state in words; null when it serves. */
export function whyNotReady(state: EngineState): string | null {
  if (state.status === "ready") return null;
  if (state.status === "starting") return "the engine is starting";
  if (state.status === "down") return `the engine is down: ${state.reason}`;
  return inWords(state.failures);
}

export function inWords(failures: readonly Failure[]): string {
  return failures.map(({ code, detail }) => (detail ? `${code}: ${detail}` : code)).join("; ");
}

/** Several engines as one: it serves while one of them does. */
export function combined(states: readonly EngineState[]): EngineState {
  const order = ["ready", "unready", "down", "starting"] as const;
  for (const status of order) {
    const found = states.find((state) => state.status === status);
    if (found !== undefined) return found;
  }
  return { status: "starting" };
}
