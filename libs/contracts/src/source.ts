import { type Static, Type } from "typebox";
import {
  AeTitleSchema,
  AuthorizationSchema,
  HostSchema,
  PortSchema,
  TlsSchema,
  UrlSchema,
} from "./addresses.ts";
import { UidSchema } from "./dicomweb.ts";
import { LaneSchema } from "./lane.ts";
import { ModelRefSchema } from "./model-ref.ts";
import type { OmitEach } from "./omit-each.ts";

/** Archives that studies are pulled from: see docs/INTEGRATION.md. */
export const SOURCE_KINDS = ["dimse", "dicomweb"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** `auto`: C-GET where the archive offers it, else C-MOVE. */
export const RETRIEVALS = ["auto", "get", "move"] as const;

const TARGETS = {
  dimse: {
    host: HostSchema,
    port: PortSchema,
    calledTitle: AeTitleSchema,
    callingTitle: Type.Optional(AeTitleSchema),
    retrieve: Type.Optional(Type.Enum([...RETRIEVALS])),
    moveTitle: Type.Optional(
      Type.String({
        ...AeTitleSchema,
        description: "C-MOVE: the title under which the archive knows Axial's C-STORE port",
      }),
    ),
    tls: Type.Optional(TlsSchema),
  },
  dicomweb: { url: UrlSchema, authorization: Type.Optional(AuthorizationSchema) },
} as const satisfies Record<SourceKind, object>;

const COMMON = {
  name: Type.String({ pattern: "^[0-9A-Za-z][0-9A-Za-z ._-]{0,62}$" }),
  parallel: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 16, description: "studies pulled at once; 2" }),
  ),
};

/** A body of `POST /api/v1/sources`. */
export const NewSourceSchema = Type.Union([
  Type.Object({ kind: Type.Literal("dimse"), ...COMMON, ...TARGETS.dimse }),
  Type.Object({ kind: Type.Literal("dicomweb"), ...COMMON, ...TARGETS.dicomweb }),
]);
export type NewSource = Static<typeof NewSourceSchema>;

/** Where a source is and how it is spoken to, secrets included. */
export type SourceTarget = OmitEach<NewSource, keyof typeof COMMON>;

/** A source as callers see it, without its secrets. */
export const SourceViewSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.Enum([...SOURCE_KINDS]),
  target: Type.Object({}, { additionalProperties: true, description: "without its secrets" }),
  parallel: Type.Integer(),
  waiting: Type.Integer({ description: "pulls that are not over" }),
  failed: Type.Integer(),
  createdAt: Type.String({ format: "date-time" }),
});
export type SourceView = Static<typeof SourceViewSchema>;

/** Earlier studies of a patient that come with one; readers compare with two or three. */
const MAX_PRIORS = 20;

const PullOptions = {
  source: Type.String({ minLength: 1, maxLength: 63, description: "name or id" }),
  lane: Type.Optional(LaneSchema),
  models: Type.Optional(Type.Array(ModelRefSchema, { minItems: 1, maxItems: 64 })),
};

/** A body of `POST /api/v1/studies/pull`. */
export const NewPullSchema = Type.Object(
  {
    ...PullOptions,
    study: Type.Optional(UidSchema),
    patient: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: "PatientID: all of its studies" }),
    ),
    priors: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_PRIORS,
        description: "so many earlier studies of the study's patient too, newest first",
      }),
    ),
  },
  { description: "`study` or `patient`, not both" },
);

export type NewPull = Static<typeof NewPullSchema>;

/** `waiting`: not over yet, being fetched or between two tries. */
const PULL_STATES = ["waiting", "done", "failed", "cancelled"] as const;
export type PullState = (typeof PULL_STATES)[number];
export const PullStateSchema = Type.Enum([...PULL_STATES]);

const Time = Type.String({ format: "date-time" });

export const PullViewSchema = Type.Object({
  id: Type.String(),
  source: Type.String(),
  sourceName: Type.String(),
  study: Type.String({ description: "as the source names it" }),
  state: PullStateSchema,
  found: Type.Union([Type.Integer(), Type.Null()], { description: "instances at the source" }),
  present: Type.Integer({ description: "of them, instances that are here" }),
  attempts: Type.Integer(),
  priors: Type.Integer(),
  lastError: Type.Union([Type.String(), Type.Null()]),
  createdAt: Time,
  finishedAt: Type.Union([Time, Type.Null()]),
});
export type PullView = Static<typeof PullViewSchema>;
