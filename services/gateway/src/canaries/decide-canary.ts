import { AxialError, type ModelPackage, meetsEvidence } from "@axial/contracts";
import type { CanaryRow } from "@axial/store/canaries";
import { newestVersion } from "../plan/versions-in-use.ts";

export interface WantedCanary {
  /** The model, of the address. */
  readonly model: string;
  readonly version: string;
  /** Whole, 1 to 99. */
  readonly percent: number;
  /** What the rest of the traffic gets; left out: what it gets now. */
  readonly stable: string | null;
}

/** Two installed versions of a model that traffic can be divided between. */
interface Division {
  readonly stable: string;
  readonly canary: { readonly version: string; readonly percent: number };
}

/**
 * Decides what a canary divides the traffic between. Throws `model-not-found` for versions that are
 * not installed and `conflict` for what cannot be compared: another one runs, both are the same
 * version, the new one would not take part without being named, or answers other questions.
 */
export function decideCanary(
  { model, version, percent, stable }: WantedCanary,
  installed: readonly ModelPackage[],
  current: CanaryRow | null,
): Division {
  const running = current?.canary_version ?? null;
  if (running !== null && running !== version) {
    throw conflict(`a canary of ${running} runs: promote it or roll it back first`);
  }
  if (running !== null && stable !== null && stable !== current?.stable_version) {
    throw conflict(`the canary runs beside ${current?.stable_version}: roll it back first`);
  }
  const packages = installed.filter(({ id }) => id === model);
  const fresh = demand(packages, version);
  const rest = demand(packages, stable ?? current?.stable_version ?? before(packages, version));
  if (rest.version === version) {
    throw conflict(`${version} is what the traffic gets already: name another as stable`);
  }
  if (!meetsEvidence(fresh.evidence, rest.evidence)) {
    throw conflict(`its evidence is ${fresh.evidence}, below ${rest.evidence} of ${rest.version}`);
  }
  if (fresh.onRequest === true && rest.onRequest !== true) {
    throw conflict(`${version} runs only where a request names it`);
  }
  if (questions(fresh) !== questions(rest)) {
    throw conflict(`${version} and ${rest.version} have other heads or labels: nothing to compare`);
  }
  return { stable: rest.version, canary: { version, percent } };
}

/** The newest of the others: what new work got before this version was installed. */
function before(packages: readonly ModelPackage[], version: string): string {
  const others = packages.filter((known) => known.version !== version);
  if (others.length > 0) return newestVersion(others);
  throw conflict("no other version is installed: there is nothing to be a canary beside");
}

function demand(packages: readonly ModelPackage[], version: string): ModelPackage {
  const found = packages.find((known) => known.version === version);
  if (found !== undefined) return found;
  throw new AxialError("model-not-found", { detail: `version ${version} is not installed` });
}

/** Names of heads with their labels. */
function questions({ heads }: ModelPackage): string {
  return JSON.stringify(heads.map(({ name, labels }) => [name, labels.map(({ id }) => id)]));
}

function conflict(detail: string): AxialError {
  return new AxialError("conflict", { detail });
}
