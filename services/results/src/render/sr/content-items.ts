import type { CodedConcept } from "@axial/contracts";
import type { Attributes } from "@axial/dicom";
import type { ImageRef } from "../report/report.ts";

export type Relationship =
  | "CONTAINS"
  | "HAS CONCEPT MOD"
  | "HAS OBS CONTEXT"
  | "INFERRED FROM"
  | "HAS PROPERTIES";

/** Code Value holds 16 characters; longer ones go into Long Code Value (PS3.3 section 8.1). */
const MAX_CODE_VALUE = 16;
/** Code Meaning is LO. */
const MAX_MEANING = 64;

/** A concept of the DICOM vocabulary (PS3.16 annex D). */
export function dcm(value: string, meaning: string): CodedConcept {
  return { scheme: "DCM", value, meaning };
}

export function codeItem({ scheme, value, meaning }: CodedConcept): Attributes {
  const key = value.length > MAX_CODE_VALUE ? "LongCodeValue" : "CodeValue";
  return {
    [key]: value,
    CodingSchemeDesignator: scheme,
    CodeMeaning: meaning.slice(0, MAX_MEANING),
  };
}

function item(relation: Relationship, type: string, name: CodedConcept): Attributes {
  return { RelationshipType: relation, ValueType: type, ConceptNameCodeSequence: [codeItem(name)] };
}

export function text(relation: Relationship, name: CodedConcept, value: string): Attributes {
  return { ...item(relation, "TEXT", name), TextValue: value };
}

export function code(relation: Relationship, name: CodedConcept, value: CodedConcept): Attributes {
  return { ...item(relation, "CODE", name), ConceptCodeSequence: [codeItem(value)] };
}

export function uidReference(relation: Relationship, name: CodedConcept, uid: string): Attributes {
  return { ...item(relation, "UIDREF", name), UID: uid };
}

export function container(
  name: CodedConcept,
  content: readonly Attributes[],
  template?: string,
): Attributes {
  return {
    ...item("CONTAINS", "CONTAINER", name),
    ContinuityOfContent: "SEPARATE",
    ...(template === undefined ? {} : { ContentTemplateSequence: [dcmr(template)] }),
    ...(content.length === 0 ? {} : { ContentSequence: content }),
  };
}

/** A template of PS3.16. */
export function dcmr(template: string): Attributes {
  return { MappingResource: "DCMR", TemplateIdentifier: template };
}

/** A number without unit (UCUM `1`), with what it was inferred from. */
export function number(
  name: CodedConcept,
  value: number,
  content: readonly Attributes[],
): Attributes {
  const unit = codeItem({ scheme: "UCUM", value: "1", meaning: "no units" });
  return {
    ...item("CONTAINS", "NUM", name),
    MeasuredValueSequence: [
      { MeasurementUnitsCodeSequence: [unit], NumericValue: decimalString(value) },
    ],
    ...(content.length === 0 ? {} : { ContentSequence: content }),
  };
}

export function image(
  relation: Relationship,
  name: CodedConcept | null,
  reference: ImageRef,
): Attributes {
  return {
    RelationshipType: relation,
    ValueType: "IMAGE",
    ...(name === null ? {} : { ConceptNameCodeSequence: [codeItem(name)] }),
    ReferencedSOPSequence: [sopReference(reference)],
  };
}

export function sopReference({ sopClassUid, sopInstanceUid, frame }: ImageRef): Attributes {
  return {
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: sopInstanceUid,
    ...(frame === null ? {} : { ReferencedFrameNumber: String(frame) }),
  };
}

/** DS: 16 characters at most. */
function decimalString(value: number): string {
  return String(Number(value.toPrecision(6)));
}
