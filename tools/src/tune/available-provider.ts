import { AxialError } from "@axial/contracts";
import { openStages, type StagesOptions } from "@axial/worker/engine";
import type { EngineBasis } from "./measure.ts";

type Providers = StagesOptions["providers"];

/** What of the providers that were asked for runs here. */
export interface AvailableProviders {
  /** Those from the first that works on. */
  readonly providers: Providers;
  /** Those before it, and why each does not work. */
  readonly unavailable: readonly { readonly provider: string; readonly reason: string }[];
}

/**
 * Opens the model on each provider alone, in order, until one works: a session that was given
 * several falls back to the CPU silently. Throws `provider-fallback` when none works.
 */
export async function availableProviders(
  folder: string,
  basis: EngineBasis,
): Promise<AvailableProviders> {
  const unavailable: { provider: string; reason: string }[] = [];
  for (const [index, provider] of basis.providers.entries()) {
    const reason = await whyNot(folder, { ...basis, providers: [provider] });
    if (reason === null) return { providers: basis.providers.slice(index), unavailable };
    unavailable.push({ provider, reason });
  }
  const detail = unavailable.map(({ provider, reason }) => `${provider}: ${reason}`).join("; ");
  throw new AxialError("provider-fallback", { detail });
}

/** Null where the model runs. Errors of the package itself are thrown. */
async function whyNot(folder: string, basis: EngineBasis): Promise<string | null> {
  const stages = await openStages({
    ...basis,
    packages: [folder],
    source: { kind: "files" },
    sessions: 1,
    sessionThreads: 1,
    batchImages: 1,
    models: {},
  });
  if (!("failures" in stages)) {
    await stages.close();
    return null;
  }
  const [failure] = stages.failures;
  if (failure?.code === "provider-fallback") return failure.detail ?? "not available";
  throw new AxialError(failure?.code ?? "invalid-model", { detail: failure?.detail ?? "" });
}
