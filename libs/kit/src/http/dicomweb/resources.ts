/** What can be done with a DICOMweb resource, and in which media types. */
export interface DicomwebMethod {
  readonly name: "GET" | "POST" | "DELETE" | "OPTIONS";
  /** The transaction, as PS3.18 names it. */
  readonly id: string;
  readonly accepts?: readonly string[];
  readonly answers?: readonly string[];
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
const CAPABILITIES = ["application/vnd.sun.wadl+xml", "application/json"];

const get = (id: string, answers: readonly string[]): DicomwebMethod => ({
  ...{ name: "GET", id, answers },
});
const search = (what: string) => get(`SearchFor${what}`, [JSON_MODEL]);
const store = (id: string): DicomwebMethod => ({
  ...{ name: "POST", id, answers: [JSON_MODEL] },
  accepts: [...FILES, "application/dicom"],
});
const remove = (what: string): DicomwebMethod => ({ name: "DELETE", id: `Delete${what}` });
const options: DicomwebMethod = {
  ...{ name: "OPTIONS", id: "RetrieveCapabilities", answers: CAPABILITIES },
};

const SERIES = "studies/{study}/series/{series}";
const INSTANCE = `${SERIES}/instances/{instance}`;
const FRAMES = `${INSTANCE}/frames/{frames}`;

const views = (path: string, what: string) => [
  { path: `${path}/rendered`, methods: [get(`RetrieveRendered${what}`, PICTURES)] },
  { path: `${path}/thumbnail`, methods: [get(`Retrieve${what}Thumbnail`, PICTURES)] },
];
const metadata = (path: string, what: string) => ({
  ...{ path: `${path}/metadata`, methods: [get(`Retrieve${what}Metadata`, [JSON_MODEL])] },
});

const WITHOUT_OPTIONS: readonly DicomwebResource[] = [
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
    methods: [get("RetrieveFrames", [...OCTETS, "image/jpeg", "image/jls", "image/jp2"])],
  },
  ...views(FRAMES, "Frames"),
  { path: "series", methods: [search("Series")] },
  { path: "instances", methods: [search("Instances")] },
];

/** The resources that the gateway and the archive answer together (PS3.18 10.1.1). */
export const DICOMWEB_RESOURCES: readonly DicomwebResource[] = WITHOUT_OPTIONS.map((one) => ({
  ...one,
  methods: [...one.methods, options],
}));
