import { OWN_IMPLEMENTATION_CLASS_UID, OWN_MANUFACTURER, stableUid } from "@axial/contracts";
import type { ImageRef, Report } from "../report/report.ts";
import { reportKey } from "../report/stable-ids.ts";
import {
  code,
  codeItem,
  container,
  dcm,
  image,
  sopReference,
  text,
  uidReference,
} from "./content-items.ts";
import { measurementGroup } from "./measurement-group.ts";
import { patientAndStudy } from "./patient-and-study.ts";
import { type Attributes, writeDicom } from "./write-dicom.ts";

const COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34";
/** Behind the series of any scanner. */
const SERIES_NUMBER = "9900";
const SOFTWARE_VERSION = "AXIAL_0_1";

/**
 * The report as Comprehensive 3D SR (PS3.16 TID 1500) in the study of its images: unverified,
 * preliminary, with every image it rests on as evidence. The same report gives the same bytes.
 */
export function renderSr(report: Report): Buffer {
  const key = reportKey(report);
  const { date, time } = dateAndTime(report.issuedAt);
  const images = distinctImages(report);
  return writeDicom({
    implementationClassUid: OWN_IMPLEMENTATION_CLASS_UID,
    implementationVersion: SOFTWARE_VERSION,
    attributes: {
      SpecificCharacterSet: "ISO_IR 192",
      SOPClassUID: COMPREHENSIVE_3D_SR,
      SOPInstanceUID: stableUid("sr", key),
      ...patientAndStudy(report),
      ...equipment(),
      Modality: "SR",
      SeriesInstanceUID: stableUid("sr series", report.runId),
      SeriesNumber: SERIES_NUMBER,
      SeriesDescription: "Axial classification (research use)",
      InstanceNumber: "1",
      InstanceCreationDate: date,
      InstanceCreationTime: time,
      ContentDate: date,
      ContentTime: time,
      TimezoneOffsetFromUTC: "+0000",
      ReferencedPerformedProcedureStepSequence: [],
      PerformedProcedureCodeSequence: [],
      CompletionFlag: report.complete ? "COMPLETE" : "PARTIAL",
      PreliminaryFlag: "PRELIMINARY",
      VerificationFlag: "UNVERIFIED",
      CurrentRequestedProcedureEvidenceSequence: [evidence(report.studyUid, images)],
      ...root(report, images),
    },
  });
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
    ContentTemplateSequence: [{ MappingResource: "DCMR", TemplateIdentifier: "1500" }],
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
      container(dcm("111028", "Image Library"), [
        container(
          dcm("126200", "Image Library Group"),
          images.map((one) => image("CONTAINS", null, one)),
        ),
      ]),
      container(dcm("126010", "Imaging Measurements"), report.findings.map(measurementGroup)),
    ],
  };
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
  const all = report.findings.flatMap((finding) => finding.images);
  return [...new Map(all.map((one) => [`${one.sopInstanceUid} ${one.frame}`, one])).values()];
}

/** PS3.3 section C.17.2: study, series, instances. */
function evidence(studyUid: string, images: readonly ImageRef[]): Attributes {
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

/** DA and TM in UTC. */
function dateAndTime(at: Date): { date: string; time: string } {
  const [date = "", time = ""] = at.toISOString().split("T");
  return { date: date.replaceAll("-", ""), time: time.slice(0, 8).replaceAll(":", "") };
}
