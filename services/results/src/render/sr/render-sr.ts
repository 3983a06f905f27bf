import { OWN_IMPLEMENTATION_CLASS_UID, OWN_MANUFACTURER, stableUid } from "@axial/contracts";
import { type Attributes, writeObject } from "@axial/dicom";
import { OWN_SCHEME } from "../report/codes.ts";
import type { ImageRef, Report } from "../report/report.ts";
import { reportKey } from "../report/stable-ids.ts";
import {
  code,
  codeItem,
  container,
  dcm,
  dcmr,
  image,
  sopReference,
  text,
  uidReference,
} from "./content-items.ts";
import { issuedAt } from "./date-time.ts";
import { heatmapRefs } from "./heatmap-references.ts";
import { measurementGroup, notAnalysedGroup } from "./measurement-group.ts";
import { patientAndStudy, referencedRequests } from "./patient-and-study.ts";
import { SOFTWARE_VERSION } from "./software-version.ts";

export const COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34";
/** Its number is behind the series of any scanner. */
export const SR_SERIES = {
  modality: "SR",
  number: "9900",
  description: "Axial classification (research use)",
};

export function srUid(report: Report): string {
  return stableUid("sr", reportKey(report));
}

/**
 * The report as Comprehensive 3D SR (PS3.16 TID 1500) in the study of its images: unverified,
 * preliminary, with every image it rests on as evidence. It names the report that it replaces. The
 * same report yields the same bytes.
 */
export function renderSr(report: Report, predecessor: ImageRef | null = null): Buffer {
  const { date, time, offset } = issuedAt(report);
  const images = distinctImages(report);
  const requests = referencedRequests(report);
  const evidence = [...images, ...report.findings.flatMap(heatmapRefs)];
  return writeObject({
    implementationClassUid: OWN_IMPLEMENTATION_CLASS_UID,
    implementationVersion: SOFTWARE_VERSION,
    attributes: {
      SpecificCharacterSet: "ISO_IR 192",
      SOPClassUID: COMPREHENSIVE_3D_SR,
      SOPInstanceUID: srUid(report),
      ...patientAndStudy(report),
      ...equipment(),
      Modality: SR_SERIES.modality,
      SeriesInstanceUID: stableUid("sr series", report.runId),
      SeriesNumber: SR_SERIES.number,
      SeriesDescription: SR_SERIES.description,
      InstanceNumber: "1",
      InstanceCreationDate: date,
      InstanceCreationTime: time,
      ContentDate: date,
      ContentTime: time,
      ...offset,
      CodingSchemeIdentificationSequence: [ownCodingScheme()],
      ...(requests.length === 0 ? {} : { ReferencedRequestSequence: requests }),
      ReferencedPerformedProcedureStepSequence: [],
      PerformedProcedureCodeSequence: [],
      CompletionFlag: report.complete ? "COMPLETE" : "PARTIAL",
      PreliminaryFlag: "PRELIMINARY",
      VerificationFlag: "UNVERIFIED",
      ...(predecessor === null
        ? {}
        : { PredecessorDocumentsSequence: [evidenceOf(report.studyUid, [predecessor])] }),
      ...(evidence.length === 0
        ? {}
        : { CurrentRequestedProcedureEvidenceSequence: [evidenceOf(report.studyUid, evidence)] }),
      ...root(report, images),
    },
  });
}

/** The organisation responsible for the codes that no public vocabulary has (PS3.3 section C.12.1.1.7). */
function ownCodingScheme(): Attributes {
  return {
    CodingSchemeDesignator: OWN_SCHEME,
    CodingSchemeName: "Axial",
    CodingSchemeResponsibleOrganization: OWN_MANUFACTURER,
  };
}

function equipment(): Attributes {
  return {
    Manufacturer: OWN_MANUFACTURER,
    ManufacturerModelName: OWN_MANUFACTURER,
    DeviceSerialNumber: "none",
    SoftwareVersions: SOFTWARE_VERSION,
  };
}

/** TID 1500. */
function root(report: Report, images: readonly ImageRef[]): Attributes {
  const title = dcm("126000", "Imaging Measurement Report");
  return {
    ValueType: "CONTAINER",
    ConceptNameCodeSequence: [codeItem(title)],
    ContinuityOfContent: "SEPARATE",
    ContentTemplateSequence: [dcmr("1500")],
    ContentSequence: [
      code("HAS CONCEPT MOD", dcm("121049", "Language of Content Item and Descendants"), {
        scheme: "RFC5646",
        value: "en",
        meaning: "English",
      }),
      ...deviceObserver(),
      code("HAS CONCEPT MOD", dcm("121058", "Procedure reported"), {
        scheme: "SCT",
        value: "363679005",
        meaning: "Imaging procedure",
      }),
      container(dcm("111028", "Image Library"), imageLibrary(images)),
      container(dcm("126010", "Imaging Measurements"), [
        ...report.findings.map(measurementGroup),
        ...report.unanalysed.map(notAnalysedGroup),
      ]),
    ],
  };
}

function imageLibrary(images: readonly ImageRef[]): Attributes[] {
  if (images.length === 0) return [];
  const group = dcm("126200", "Image Library Group");
  return [
    container(
      group,
      images.map((one) => image("CONTAINS", null, one)),
    ),
  ];
}

/** TID 1001 and 1004: a device has observed this, no person. */
function deviceObserver(): Attributes[] {
  return [
    code("HAS OBS CONTEXT", dcm("121005", "Observer Type"), dcm("121007", "Device")),
    uidReference(
      "HAS OBS CONTEXT",
      dcm("121012", "Device Observer UID"),
      OWN_IMPLEMENTATION_CLASS_UID,
    ),
    text("HAS OBS CONTEXT", dcm("121013", "Device Observer Name"), OWN_MANUFACTURER),
  ];
}

function distinctImages(report: Report): ImageRef[] {
  const all = [...report.findings, ...report.unanalysed].flatMap(({ images }) => images);
  return [...new Map(all.map((one) => [`${one.sopInstanceUid} ${one.frame}`, one])).values()];
}

/** PS3.3 section C.17.2: study, series, instances. */
function evidenceOf(studyUid: string, images: readonly ImageRef[]): Attributes {
  const bySeries = Map.groupBy(images, (one) => one.seriesUid);
  return {
    StudyInstanceUID: studyUid,
    ReferencedSeriesSequence: [...bySeries].map(([seriesUid, members]) => ({
      SeriesInstanceUID: seriesUid,
      ReferencedSOPSequence: [
        ...new Map(members.map((one) => [one.sopInstanceUid, { ...one, frame: null }])).values(),
      ].map(sopReference),
    })),
  };
}
