import {
  AxialError,
  type Evidence,
  type Label,
  type ModelPackage,
  ModelPackageSchema,
  type Preprocessing,
  parseAs,
  type Selector,
  type SliceRule,
} from "@axial/contracts";
import { Value } from "typebox/value";

/** What the user of an import declares. */
export interface PackageOptions {
  readonly id: string;
  readonly version: string;
  readonly title?: string;
  readonly evidence: Evidence;
  readonly licence?: string;
  readonly intendedUse?: string;
  /** Rules that replace those of the same name in the usual selector. */
  readonly selector?: Partial<Selector>;
  readonly slices?: SliceRule;
}

/** What the import determined. */
export interface NetworkFacts extends Pick<ModelPackage, "runtime" | "input" | "weights"> {
  readonly labels: readonly Label[];
  readonly output: string;
  readonly kind: "softmax" | "sigmoid";
  readonly preprocessing: Preprocessing;
  readonly explanation: ModelPackage["explanation"] | null;
  /** A sentence about where the network comes from. */
  readonly origin: string;
}

/** Any image: the model only runs when named, or once its evidence is raised. */
const ANY_SERIES: Selector = {
  modality: ["MR", "CT", "CR", "DX", "MG", "US", "XA", "RF", "NM", "PT", "OP", "XC", "SC", "OT"],
  bodyPart: { anyOf: [], words: [], whenMissing: "accept" },
  plane: { anyOf: [], maxObliquityDegrees: 90, whenMissing: "accept" },
  sequence: { anyOf: [], whenMissing: "accept" },
  derived: "accept",
  minimumSlices: 1,
};

/** The central slices of a series: most show the organ there. */
const CENTRAL_SLICES: SliceRule = { kind: "central", count: 16 };

const UNKNOWN_LICENCE = "not stated by the importer";

/** `model.json` of an imported model. Throws `invalid-request` with the offending option. */
export function draftManifest(options: PackageOptions, facts: NetworkFacts): ModelPackage {
  const { labels, output, kind, origin, explanation, ...network } = facts;
  const manifest = {
    schemaVersion: 1,
    id: options.id,
    version: options.version,
    title: options.title ?? options.id,
    runtime: network.runtime,
    evidence: options.evidence,
    intendedUse: options.intendedUse ?? `Research only. ${origin}`,
    licence: {
      weights: options.licence ?? UNKNOWN_LICENCE,
      data: options.licence ?? UNKNOWN_LICENCE,
    },
    weights: network.weights,
    input: network.input,
    preprocessing: network.preprocessing,
    slices: options.slices ?? CENTRAL_SLICES,
    selector: { ...ANY_SERIES, ...options.selector },
    heads: [{ name: "class", output, kind, ordinal: false, labels: [...labels] }],
    aggregation: { kind: "mean" },
    ...(explanation && { explanation }),
    metrics: { data: "none: imported without figures; see `axial evaluate`", values: {} },
  };
  return parseAs(ModelPackageSchema, manifest, "invalid-request");
}

/** Throws `invalid-request` for an id or version that no package can have. */
export function assertNameable({ id, version }: Pick<PackageOptions, "id" | "version">): void {
  const { id: ids, version: versions } = ModelPackageSchema.properties;
  if (!Value.Check(ids, id)) {
    throw new AxialError("invalid-request", {
      detail: `"${id}" is not an id: lower-case letters, digits and hyphens, at most 63`,
    });
  }
  if (Value.Check(versions, version)) return;
  throw new AxialError("invalid-request", { detail: `"${version}" is not a version like 1.0.0` });
}
