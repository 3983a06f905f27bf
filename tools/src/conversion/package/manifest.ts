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
  /** Figures by name, measured by the importer. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** What the figures were measured on. */
  readonly measuredOn?: string;
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

/** Every modality of images (PS3.3 C.7.3.1.1.1), those of retired objects that are still seen too. */
const IMAGE_MODALITIES = [
  ...["MR", "CT", "CR", "DX", "MG", "US", "XA", "RF", "NM", "PT", "OT", "RG", "SC", "XC", "GM"],
  ...["BI", "BMD", "DG", "DMS", "ES", "IO", "IVOCT", "IVUS", "LS", "OAM", "OCT", "OP", "OPM"],
  ...["OPT", "OPTBSV", "OPTENF", "OSS", "PX", "RTIMAGE", "SM", "TG", "CF", "DF", "DS", "EC"],
];

/** Any image: the model only runs when named, or once its evidence is raised. */
const ANY_SERIES: Selector = {
  modality: IMAGE_MODALITIES,
  bodyPart: { anyOf: [], words: [], whenMissing: "accept" },
  plane: { anyOf: [], maxObliquityDegrees: 90, whenMissing: "accept" },
  sequence: { anyOf: [], whenMissing: "accept" },
  derived: "accept",
  minimumSlices: 1,
  minimumShare: 0.5,
};

/** The central slices of a series: most show the organ there. */
const CENTRAL_SLICES: SliceRule = { kind: "central", count: 16 };

const UNKNOWN_LICENCE = "not stated by the importer";

const UNMEASURED = "none: imported without figures; see `axial evaluate`";

/** Throws `invalid-request` for a level of evidence that what is given does not support. */
export function assertSupported({ evidence, metrics, measuredOn }: PackageOptions): void {
  const figures = Object.keys(metrics ?? {}).length;
  if (figures > 0 && measuredOn === undefined) {
    throw new AxialError("invalid-request", {
      detail: "--metrics need --measured-on: which data, how many images, who labelled them",
    });
  }
  if (evidence !== "validated" || (figures > 0 && measuredOn?.trim())) return;
  throw new AxialError("invalid-request", {
    detail:
      "--evidence validated needs the figures that it rests on (--metrics) and what they were measured on (--measured-on)",
  });
}

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
    metrics: { data: options.measuredOn ?? UNMEASURED, values: { ...options.metrics } },
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
