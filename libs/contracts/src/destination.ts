import { type Static, Type } from "typebox";
import {
  AeTitleSchema,
  AuthorizationSchema,
  HostSchema,
  PortSchema,
  TlsSchema,
  UrlSchema,
} from "./addresses.ts";
import { EvidenceSchema } from "./evidence.ts";
import { LaneSchema } from "./lane.ts";
import type { OmitEach } from "./omit-each.ts";

/** How Axial calls itself to other application entities, and is called, unless told. */
export const OWN_AE_TITLE = "AXIAL";

/** How results leave: see docs/INTEGRATION.md. */
export const DESTINATION_KINDS = [
  "webhook",
  "folder",
  "dicomweb",
  "dimse",
  "fhir",
  "hl7v2",
] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];

/** What of a run a destination gets; which of them a kind can send is in `FORMATS_OF`. */
const RESULT_FORMATS = ["sr", "heatmaps", "pdf", "json", "fhir"] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];
const ResultFormatSchema = Type.Enum([...RESULT_FORMATS]);

/** Formats that a kind can send, and those that it sends unless told. */
export const FORMATS_OF: Readonly<
  Record<
    DestinationKind,
    { readonly possible: readonly ResultFormat[]; readonly usual: readonly ResultFormat[] }
  >
> = {
  webhook: { possible: [], usual: [] },
  folder: { possible: RESULT_FORMATS, usual: ["sr", "heatmaps"] },
  dicomweb: { possible: ["sr", "heatmaps", "pdf"], usual: ["sr", "heatmaps"] },
  dimse: { possible: ["sr", "heatmaps", "pdf"], usual: ["sr", "heatmaps"] },
  fhir: { possible: ["fhir", "pdf"], usual: ["fhir"] },
  hl7v2: { possible: ["pdf"], usual: [] },
};

/** HD and ST fields of MSH and PID, without delimiters of HL7 v2. */
const Hl7NameSchema = Type.String({ pattern: "^[^|^~\\\\&\\u0000-\\u001f]{1,180}$" });

const TARGETS = {
  webhook: { url: UrlSchema },
  folder: {
    folder: Type.String({
      pattern: "^[0-9A-Za-z][0-9A-Za-z._-]{0,62}$",
      description: "below AXIAL_DESTINATION_FOLDER and the tenant",
    }),
  },
  dicomweb: {
    url: UrlSchema,
    authorization: Type.Optional(AuthorizationSchema),
  },
  dimse: {
    host: HostSchema,
    port: PortSchema,
    calledTitle: AeTitleSchema,
    callingTitle: Type.Optional(AeTitleSchema),
    commitment: Type.Optional(
      Type.Boolean({ description: "delivered only when storage commitment says so" }),
    ),
    tls: Type.Optional(TlsSchema),
  },
  fhir: {
    url: UrlSchema,
    authorization: Type.Optional(AuthorizationSchema),
    oauth: Type.Optional(
      Type.Object(
        {
          tokenUrl: UrlSchema,
          clientId: Type.String({ minLength: 1, maxLength: 255 }),
          clientSecret: Type.String({ minLength: 1, maxLength: 4_096 }),
          scope: Type.Optional(Type.String({ maxLength: 1_024 })),
        },
        { description: "OAuth 2.0 client credentials (RFC 6749 4.4)" },
      ),
    ),
  },
  hl7v2: {
    host: HostSchema,
    port: PortSchema,
    tls: Type.Optional(TlsSchema),
    sendingFacility: Type.Optional(Hl7NameSchema),
    receivingApplication: Type.Optional(Hl7NameSchema),
    receivingFacility: Type.Optional(Hl7NameSchema),
  },
} as const satisfies Record<DestinationKind, object>;

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Ids = Type.Array(Type.String({ minLength: 1, maxLength: 63 }), { minItems: 1, maxItems: 64 });

/**
 * Which runs a destination gets: those with a finding that meets every condition, and, unless
 * refused, those in which a model abstained or a series was refused. A run that amends one which
 * the destination got is sent whatever it says.
 */
const DestinationFilterSchema = Type.Object(
  {
    models: Type.Optional(Ids),
    evidence: Type.Optional(Type.Array(EvidenceSchema, { minItems: 1, maxItems: 3 })),
    labels: Type.Optional(Ids),
    minProbability: Type.Optional(Share),
    lanes: Type.Optional(Type.Array(LaneSchema, { minItems: 1, maxItems: 3 })),
    abstentions: Type.Optional(Type.Boolean({ description: "runs that only abstain; true" })),
    refusals: Type.Optional(Type.Boolean({ description: "runs that only refuse; true" })),
  },
  { additionalProperties: false },
);
export type DestinationFilter = Static<typeof DestinationFilterSchema>;

const COMMON = {
  name: Type.String({ pattern: "^[0-9A-Za-z][0-9A-Za-z ._-]{0,62}$" }),
  formats: Type.Optional(Type.Array(ResultFormatSchema, { maxItems: 5, uniqueItems: true })),
  when: Type.Optional(DestinationFilterSchema),
  syntheticModels: Type.Optional(
    Type.Array(Type.String({ maxLength: 63 }), {
      maxItems: 64,
      description: "models of evidence synthetic whose results may leave for this destination",
    }),
  ),
  paused: Type.Optional(Type.Boolean()),
};

/** A body of `POST /api/v1/destinations`, one shape for each kind. */
export const NewDestinationSchema = Type.Union([
  Type.Object({ kind: Type.Literal("webhook"), ...COMMON, ...TARGETS.webhook }),
  Type.Object({ kind: Type.Literal("folder"), ...COMMON, ...TARGETS.folder }),
  Type.Object({ kind: Type.Literal("dicomweb"), ...COMMON, ...TARGETS.dicomweb }),
  Type.Object({ kind: Type.Literal("dimse"), ...COMMON, ...TARGETS.dimse }),
  Type.Object({ kind: Type.Literal("fhir"), ...COMMON, ...TARGETS.fhir }),
  Type.Object({ kind: Type.Literal("hl7v2"), ...COMMON, ...TARGETS.hl7v2 }),
]);
export type NewDestination = Static<typeof NewDestinationSchema>;

/** Where a destination is and how it is spoken to, secrets included. */
export type DestinationTarget = OmitEach<NewDestination, keyof typeof COMMON>;

export const DestinationPatchSchema = Type.Object(
  {
    name: Type.Optional(COMMON.name),
    formats: COMMON.formats,
    when: COMMON.when,
    syntheticModels: COMMON.syntheticModels,
    paused: COMMON.paused,
  },
  { additionalProperties: false, minProperties: 1 },
);

/** A destination as callers see it, without its secrets. */
export const DestinationViewSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.Enum([...DESTINATION_KINDS]),
  target: Type.Object({}, { additionalProperties: true, description: "without its secrets" }),
  formats: Type.Array(ResultFormatSchema),
  when: DestinationFilterSchema,
  syntheticModels: Type.Array(Type.String()),
  paused: Type.Boolean(),
  pending: Type.Integer(),
  dead: Type.Integer(),
  deliveredAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()], {
    description: "of the last delivery that arrived",
  }),
  createdAt: Type.String({ format: "date-time" }),
});
export type DestinationView = Static<typeof DestinationViewSchema>;

/** States of a delivery; `skipped`: the destination does not want it, or may not have it. */
const DELIVERY_STATES = ["pending", "delivered", "skipped", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export const DeliveryStateSchema = Type.Enum([...DELIVERY_STATES]);

export const DeliveryViewSchema = Type.Object({
  id: Type.String(),
  destination: Type.String(),
  destinationName: Type.String(),
  kind: Type.Enum([...DESTINATION_KINDS]),
  study: Type.String(),
  run: Type.Integer(),
  event: Type.String(),
  state: DeliveryStateSchema,
  attempts: Type.Integer(),
  lastError: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ format: "date-time" }),
  deliveredAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
});
export type DeliveryView = Static<typeof DeliveryViewSchema>;
