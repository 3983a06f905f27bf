import { type Static, Type } from "typebox";
import { AbstentionRuleSchema } from "./abstention.ts";
import { EvidenceSchema } from "./evidence.ts";
import { ModelReferenceSchema } from "./model-quality.ts";
import { PixelOrientationSchema } from "./orientation.ts";
import { SliceRuleSchema, StackChoicesSchema } from "./slice-rule.ts";

const CodedConceptSchema = Type.Object({
  scheme: Type.String({ description: "SCT, RADLEX or DCM" }),
  value: Type.String(),
  meaning: Type.String(),
});
export type CodedConcept = Static<typeof CodedConceptSchema>;

const LabelSchema = Type.Object({
  id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]*$" }),
  display: Type.String({ minLength: 1 }),
  code: Type.Optional(CodedConceptSchema),
});
export type Label = Static<typeof LabelSchema>;

const MarginalSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  labels: Type.Array(
    Type.Intersect([LabelSchema, Type.Object({ of: Type.Array(Type.String(), { minItems: 1 }) })]),
    { minItems: 2 },
  ),
});

const HeadSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  output: Type.String({ description: "graph output, float32 [N, labels], probabilities" }),
  kind: Type.Enum(["softmax", "sigmoid"]),
  ordinal: Type.Boolean(),
  labels: Type.Array(LabelSchema, { minItems: 1 }),
  marginals: Type.Optional(Type.Array(MarginalSchema)),
});
export type Head = Static<typeof HeadSchema>;

const AcceptOrRefuseSchema = Type.Enum(["accept", "refuse"]);

/**
 * Which slices of a series a model takes; each rule says what happens when the tag is missing.
 * Every slice is judged for itself; what does not fit is left out and counted.
 */
const SelectorSchema = Type.Object({
  modality: Type.Array(Type.String(), { minItems: 1 }),
  bodyPart: Type.Object({
    anyOf: Type.Array(Type.String()),
    words: Type.Array(Type.String()),
    whenMissing: AcceptOrRefuseSchema,
  }),
  plane: Type.Object({
    anyOf: Type.Array(Type.Enum(["axial", "coronal", "sagittal"])),
    maxObliquityDegrees: Type.Number({ minimum: 0, maximum: 90 }),
    whenMissing: AcceptOrRefuseSchema,
  }),
  sequence: Type.Object({ anyOf: Type.Array(Type.String()), whenMissing: AcceptOrRefuseSchema }),
  /**
   * Images that ImageType calls derived (PS3.3 C.7.6.1.1.2): reformatted, de-identified, converted.
   */
  derived: Type.Optional(AcceptOrRefuseSchema),
  /** By the values of ImageType: one of `anyOf` (any where empty) and none of `noneOf`. */
  imageType: Type.Optional(
    Type.Object({ anyOf: Type.Array(Type.String()), noneOf: Type.Array(Type.String()) }),
  ),
  /** Places of the chosen stack; a series of fewer is refused. */
  minimumSlices: Type.Integer({ minimum: 1 }),
  /**
   * Of the slices of the series the share that must fit, or too little is left of it; 0 if not said.
   * Slices of another kind (image type, derived, sequence) are not counted: they stand beside those
   * that the model sees, not in their stead.
   */
  minimumShare: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});
export type Selector = Static<typeof SelectorSchema>;

/** How stored values of more than eight bits become 0..255. */
const IntensitySchema = Type.Union([
  Type.Object({
    kind: Type.Literal("percentiles"),
    low: Type.Number({ minimum: 0, maximum: 100 }),
    high: Type.Number({ minimum: 0, maximum: 100 }),
  }),
  Type.Object({ kind: Type.Literal("voi") }),
  Type.Object({ kind: Type.Literal("full-range") }),
]);

const PreprocessingSchema = Type.Object({
  intensity: IntensitySchema,
  invertMonochrome1: Type.Boolean(),
  resize: Type.Object({
    policy: Type.Enum(["stretch", "letterbox", "centre-crop"]),
    filter: Type.Literal("triangle"),
  }),
  channels: Type.Enum(["grey", "rgb"]),
  /** As stored where it is not said. */
  orientation: Type.Optional(PixelOrientationSchema),
  /** What becomes of a slice whose orientation is not known; accepted as it is if not said. */
  withoutGeometry: Type.Optional(AcceptOrRefuseSchema),
  /**
   * Whether JPEG 2000 frames may be decoded at a lower resolution that is not smaller than the
   * input; refused if not said, as it changes probabilities a little: see the card.
   */
  lowerResolution: Type.Optional(AcceptOrRefuseSchema),
});
export type Preprocessing = Static<typeof PreprocessingSchema>;

const InputSchema = Type.Object({
  name: Type.String(),
  dtype: Type.Enum(["uint8", "float32"]),
  layout: Type.Enum(["NCHW", "NHWC"]),
  channels: Type.Union([Type.Literal(1), Type.Literal(3)]),
  height: Type.Integer({ minimum: 8, maximum: 2048 }),
  width: Type.Integer({ minimum: 8, maximum: 2048 }),
  scale: Type.Optional(
    Type.Object(
      { multiply: Type.Number(), add: Type.Number() },
      {
        description:
          "float32 inputs only: x·multiply + add, for graphs that do not normalise by themselves",
      },
    ),
  ),
});
export type ModelInput = Static<typeof InputSchema>;

/** How far an image may be from the model's training images, by the model's own features. */
const DomainSchema = Type.Object({
  output: Type.String({ description: "graph output, float32 [N]: a distance ≥ 0" }),
  threshold: Type.Number({
    exclusiveMinimum: 0,
    description: "slices beyond it are out of domain",
  }),
  falseAlarmRate: Type.Number({
    minimum: 0,
    maximum: 1,
    description: "share of the validation slices beyond the threshold",
  }),
  action: Type.Enum(["mark", "refuse"], {
    description: "what happens to a series with more than half of its slices beyond it",
  }),
  measuredOn: Type.String(),
});
export type DomainRule = Static<typeof DomainSchema>;

/** `model.json` of `models/<id>/<version>/`. */
export const ModelPackageSchema = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
    version: Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$" }),
    title: Type.String({ minLength: 1 }),
    runtime: Type.Enum(["onnx", "tfjs"]),
    evidence: EvidenceSchema,
    onRequest: Type.Optional(
      Type.Boolean({
        description: "runs only when requested by name: a baseline, or a second opinion",
      }),
    ),
    intendedUse: Type.String(),
    licence: Type.Object({ weights: Type.String(), data: Type.String() }),
    weights: Type.Object({
      file: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" }),
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
      bytes: Type.Integer({ minimum: 1 }),
    }),
    input: InputSchema,
    preprocessing: PreprocessingSchema,
    slices: SliceRuleSchema,
    selector: SelectorSchema,
    /** Which of several stacks; see `StackChoice`. */
    stack: Type.Optional(StackChoicesSchema),
    answerFor: Type.Optional(
      Type.Enum(["series", "image"], {
        description:
          "image: each image of a series has an answer of its own, as films of both knees; else the series, or each side of the body in it",
      }),
    ),
    heads: Type.Array(HeadSchema, { minItems: 1 }),
    aggregation: Type.Object({ kind: Type.Enum(["mean", "max", "in-graph"]) }),
    explanation: Type.Optional(
      Type.Object({
        method: Type.Enum(["cam", "grad-cam"]),
        output: Type.String({ description: "graph output, float32 [N, labels of head 0, h, w]" }),
      }),
    ),
    domain: Type.Optional(DomainSchema),
    abstention: Type.Optional(Type.Array(AbstentionRuleSchema)),
    calibration: Type.Optional(Type.Object({ temperature: Type.Number(), ece: Type.Number() })),
    /** What drift is measured against; see `model-quality.ts`. */
    reference: Type.Optional(ModelReferenceSchema),
    metrics: Type.Object({
      data: Type.String(),
      values: Type.Record(Type.String(), Type.Number()),
    }),
  },
  { title: "ModelPackage" },
);
export type ModelPackage = Static<typeof ModelPackageSchema>;

/** `golden.json`: generated inputs and what the graph must answer, checked at every load. */
export const GoldenSchema = Type.Object({
  tolerance: Type.Number({ exclusiveMinimum: 0 }),
  cases: Type.Array(
    Type.Object({
      name: Type.String(),
      input: Type.Object({
        shape: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 4, maxItems: 4 }),
        dtype: Type.Enum(["uint8", "float32"]),
        encoding: Type.Literal("deflate+base64"),
        data: Type.String(),
      }),
      outputs: Type.Record(Type.String(), Type.Array(Type.Number())),
    }),
    { minItems: 1 },
  ),
});
export type Golden = Static<typeof GoldenSchema>;
