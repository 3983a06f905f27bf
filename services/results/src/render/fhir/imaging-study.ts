import type { InstanceRow, StudyRecord } from "@axial/store/views";
import type { Report } from "../report/report.ts";
import { stableUuid } from "../report/stable-ids.ts";
import { firstText } from "../report/tag-values.ts";
import { type Resource, reference, uidIdentifier } from "./fhir-types.ts";
import { fhirDate } from "./patient.ts";

const MODALITIES = "http://dicom.nema.org/resources/ontology/DCM";
const URI = "urn:ietf:rfc:3986";

interface ImagingStudySources {
  readonly report: Report;
  readonly series: StudyRecord["series"];
  readonly instances: readonly InstanceRow[];
  readonly patient: Resource;
}

/** The study with every instance that was received. */
export function imagingStudyOf(sources: ImagingStudySources): Resource {
  const { report, series, instances, patient } = sources;
  const started = fhirDate(firstText(report.tags, "00080020"));
  const accession = firstText(report.tags, "00080050");
  return {
    resourceType: "ImagingStudy",
    id: stableUuid("imaging study", report.studyUid),
    meta: { tag: [imagingStudyTag(report.studyUid)] },
    identifier: [
      uidIdentifier(report.studyUid),
      ...(accession === null || accession === "" ? [] : [accessionIdentifier(accession)]),
    ],
    ...basedOn(report),
    status: "available",
    subject: reference(patient),
    ...(started === null ? {} : { started }),
    numberOfSeries: series.length,
    numberOfInstances: instances.length,
    // FHIR has no empty lists.
    ...(series.length === 0 ? {} : { series: series.map((row) => seriesOf(row, instances)) }),
  };
}

/** Marks the resource as written by Axial: one of an archive's is found by its UID and left alone. */
export function imagingStudyTag(studyUid: string): {
  readonly system: string;
  readonly code: string;
} {
  return { system: "urn:axial:imaging-study", code: studyUid };
}

function seriesOf(row: StudyRecord["series"][number], instances: readonly InstanceRow[]): object {
  const own = instances.filter((instance) => instance.series_id === row.id);
  const instance = own.map(({ sop_instance_uid: uid, sop_class_uid }) => ({
    uid,
    sopClass: { system: URI, code: `urn:oid:${sop_class_uid}` },
  }));
  return {
    uid: row.series_uid,
    modality: { system: MODALITIES, code: row.modality ?? "OT" },
    ...(instance.length === 0 ? {} : { instance }),
  };
}

/** The order that the study answers, by its accession number. */
export function basedOn({ tags }: Report): { readonly basedOn?: readonly object[] } {
  const accession = firstText(tags, "00080050");
  if (accession === null || accession === "") return {};
  return { basedOn: [{ type: "ServiceRequest", identifier: accessionIdentifier(accession) }] };
}

function accessionIdentifier(value: string): object {
  const system = "http://terminology.hl7.org/CodeSystem/v2-0203";
  return { type: { coding: [{ system, code: "ACSN" }] }, value };
}
