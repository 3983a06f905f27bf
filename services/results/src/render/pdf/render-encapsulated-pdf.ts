import { OWN_IMPLEMENTATION_CLASS_UID, OWN_MANUFACTURER, stableUid } from "@axial/contracts";
import { writeObject } from "@axial/dicom";
import type { Report } from "../report/report.ts";
import { reportKey } from "../report/stable-ids.ts";
import { codeItem, dcm } from "../sr/content-items.ts";
import { issuedAt } from "../sr/date-time.ts";
import { patientAndStudy } from "../sr/patient-and-study.ts";
import { SOFTWARE_VERSION } from "../sr/software-version.ts";

export const PDF_SERIES = {
  modality: "DOC",
  number: "9902",
  description: "Axial report for people (research use)",
};

/** SOP class of PDF in a DICOM object (PS3.3 A.45.1). */
export const ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1";

export function pdfUid(report: Report): string {
  return stableUid("pdf", reportKey(report));
}

/** The page as an Encapsulated PDF object (PS3.3 A.45.1) in the study of its images. */
export function renderEncapsulatedPdf(report: Report, pdf: Uint8Array): Buffer {
  const { date, time, offset } = issuedAt(report);
  return writeObject({
    implementationClassUid: OWN_IMPLEMENTATION_CLASS_UID,
    implementationVersion: SOFTWARE_VERSION,
    attributes: {
      SpecificCharacterSet: "ISO_IR 192",
      SOPClassUID: ENCAPSULATED_PDF,
      SOPInstanceUID: pdfUid(report),
      ...patientAndStudy(report),
      Modality: PDF_SERIES.modality,
      SeriesInstanceUID: stableUid("pdf series", report.runId),
      SeriesNumber: PDF_SERIES.number,
      SeriesDescription: PDF_SERIES.description,
      Manufacturer: OWN_MANUFACTURER,
      SoftwareVersions: SOFTWARE_VERSION,
      ConversionType: "WSD",
      InstanceNumber: "1",
      ContentDate: date,
      ContentTime: time,
      AcquisitionDateTime: "",
      ...offset,
      BurnedInAnnotation: "YES",
      DocumentTitle: "Axial classification report, for research use only",
      ConceptNameCodeSequence: [codeItem(dcm("126000", "Imaging Measurement Report"))],
      VerificationFlag: "UNVERIFIED",
      MIMETypeOfEncapsulatedDocument: "application/pdf",
      EncapsulatedDocument: pdf,
      EncapsulatedDocumentLength: pdf.length,
    },
  });
}
