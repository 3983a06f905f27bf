import type { FinalActivation } from "./onnx/probability-output.ts";
import type { PackageOptions } from "./package/manifest.ts";
import type { Parity } from "./package/parity.ts";
import type { Preprocess } from "./package/preprocess.ts";

/** Options of an import; what is left out is read from the model. */
export interface ImportOptions extends PackageOptions {
  /** The export: a zip archive, a folder, or an ONNX file. */
  readonly source: string;
  /** Folder of packages. */
  readonly models: string;
  readonly force: boolean;
  readonly labels?: readonly string[];
  readonly preprocess?: Preprocess;
  readonly activation: FinalActivation;
  /** Pixels along both sides, where the network leaves them open. */
  readonly size?: number;
  /** Name or position of the output with the probabilities, where the network has several. */
  readonly output?: string;
  /** Images on which a conversion is compared too. */
  readonly images?: string;
  /** Called as each step begins. */
  onStep?(step: string): void;
}

export interface Imported {
  readonly folder: string;
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly runtime: "onnx" | "tfjs";
  readonly labels: readonly string[];
  readonly explanation: string | null;
  /** Why there is no heat map; null where there is one. */
  readonly unexplained: string | null;
  /** How far the converted network is from TensorFlow.js; null where nothing was converted. */
  readonly parity: Parity | null;
  readonly warnings: readonly string[];
}
