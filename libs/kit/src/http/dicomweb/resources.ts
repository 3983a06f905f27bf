/**
 * What can be done with a DICOMweb resource, and in which media types. OPTIONS is not among them: it
 * retrieves this description, and is left out of it (PS3.18 Table H-1, note).
 */
export interface DicomwebMethod {
  readonly name: "GET" | "POST" | "DELETE";
  /** The transaction, as PS3.18 names it. */
  readonly id: string;
  readonly accepts?: readonly string[];
  readonly answers?: readonly string[];
  /** Query parameters that are heeded, beside attributes to match. */
  readonly queries?: readonly string[];
}

/** A resource below the mount of DICOMweb, variables in braces. */
export interface DicomwebResource {
  readonly path: string;
  readonly methods: readonly DicomwebMethod[];
}

const JSON_MODEL = "application/dicom+json";
const FILES = ['multipart/related; type="application/dicom"'];
const OCTETS = ["application/octet-stream", 'multipart/related; type="application/octet-stream"'];
const PICTURES = ["image/jpeg", "image/png", "image/gif"];
const inParts = (types: readonly string[]) =>
  types.map((type) => `multipart/related; type="${type}"`);

/** Media types of compressed frames (PS3.18 Table 8.7.3-5). */
export const FRAME_MEDIA = {
  jpeg: "image/jpeg",
  jpegLs: "image/jls",
  jpeg2000: "image/jp2",
  jpegXl: "image/jxl",
  htj2k: "image/jphc",
  rle: "image/dicom-rle",
} as const;
const FRAME_TYPES = Object.values(FRAME_MEDIA);

const PAGING = ["limit", "offset", "includefield"];
const RENDERING = ["window", "viewport", "quality"];

const get = (
  id: string,
  answers: readonly string[],
  queries: readonly string[] = ["accept"],
): DicomwebMethod => ({ name: "GET", id, answers, queries });
const search = (what: string) => get(`SearchFor${what}`, [JSON_MODEL], ["accept", ...PAGING]);
const store = (id: string): DicomwebMethod => ({
  ...{ name: "POST", id, answers: [JSON_MODEL] },
  accepts: [...FILES, "application/dicom"],
});
const remove = (what: string): DicomwebMethod => ({ name: "DELETE", id: `Delete${what}` });

const SERIES = "studies/{study}/series/{series}";
const INSTANCE = `${SERIES}/instances/{instance}`;
const FRAMES = `${INSTANCE}/frames/{frames}`;

const views = (path: string, what: string) => [
  {
    path: `${path}/rendered`,
    methods: [
      get(`RetrieveRendered${what}`, [...PICTURES, ...inParts(PICTURES)], ["accept", ...RENDERING]),
    ],
  },
  {
    path: `${path}/thumbnail`,
    methods: [get(`Retrieve${what}Thumbnail`, PICTURES, ["accept", "viewport"])],
  },
];
const metadata = (path: string, what: string) => ({
  ...{ path: `${path}/metadata`, methods: [get(`Retrieve${what}Metadata`, [JSON_MODEL])] },
});

/** The resources that the gateway and the archive answer together (PS3.18 10.1.1, Table H-1). */
export const DICOMWEB_RESOURCES: readonly DicomwebResource[] = [
  { path: "studies", methods: [search("Studies"), store("StoreInstances")] },
  {
    path: "studies/{study}",
    methods: [get("RetrieveStudy", FILES), store("StoreStudyInstances"), remove("Study")],
  },
  metadata("studies/{study}", "Study"),
  ...views("studies/{study}", "Study"),
  { path: "studies/{study}/series", methods: [search("StudySeries")] },
  { path: "studies/{study}/instances", methods: [search("StudyInstances")] },
  { path: SERIES, methods: [get("RetrieveSeries", FILES), remove("Series")] },
  metadata(SERIES, "Series"),
  ...views(SERIES, "Series"),
  { path: `${SERIES}/instances`, methods: [search("StudySeriesInstances")] },
  {
    path: INSTANCE,
    methods: [get("RetrieveInstance", [...FILES, "application/dicom"]), remove("Instance")],
  },
  metadata(INSTANCE, "Instance"),
  ...views(INSTANCE, "Instance"),
  { path: `${INSTANCE}/bulkdata/{path}`, methods: [get("RetrieveBulkdata", OCTETS)] },
  {
    path: FRAMES,
    methods: [get("RetrieveFrames", [...OCTETS, ...FRAME_TYPES, ...inParts(FRAME_TYPES)])],
  },
  ...views(FRAMES, "Frames"),
  { path: "series", methods: [search("Series")] },
  { path: "instances", methods: [search("Instances")] },
];
