import type { LoadedPackage } from "@axial/inference";
import type { Imported, ImportOptions } from "./import-options.ts";
import { installPackage } from "./package/install-package.ts";
import type { Parity } from "./package/parity.ts";

/** A package that is ready to install. */
export interface Ready {
  readonly pkg: LoadedPackage;
  readonly parity: Parity | null;
  readonly warning: string | null;
  /** Why there is no heat map; null where there is one. */
  readonly unexplained: string | null;
}

/** Installs the package and returns what was imported. */
export async function installed(
  { pkg, parity, warning, unexplained }: Ready,
  options: Pick<ImportOptions, "models" | "force"> & { readonly origin: string },
): Promise<Imported> {
  const { manifest } = pkg;
  const compared =
    parity &&
    `Converted from TensorFlow.js; on ${parity.images} images no probability differs by more than ${parity.worst.toExponential(1)}.`;
  const notes = [options.origin, compared, warning].filter((note) => note !== null);
  const folder = await installPackage(pkg, { ...options, notes, unexplained });
  return {
    folder,
    id: manifest.id,
    version: manifest.version,
    sha256: manifest.weights.sha256,
    runtime: manifest.runtime,
    labels: manifest.heads.flatMap((head) => head.labels.map(({ id }) => id)),
    explanation: manifest.explanation?.method ?? null,
    unexplained,
    parity,
    warnings: warning === null ? [] : [warning],
  };
}
