import type { CodedConcept } from "@axial/contracts";

/** A FHIR R4 resource as JSON. */
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** Resources that refer to each other by their `fullUrl`. */
export interface Bundle extends Resource {
  readonly type: string;
  readonly timestamp: string;
  readonly entry: readonly { readonly fullUrl: string; readonly resource: Resource }[];
}

/** Code systems as FHIR names them, by DICOM's designators. */
const SYSTEMS: Readonly<Record<string, string>> = {
  SCT: "http://snomed.info/sct",
  DCM: "http://dicom.nema.org/resources/ontology/DCM",
  RADLEX: "http://radlex.org",
  UCUM: "http://unitsofmeasure.org",
};
const OWN_SYSTEM = "urn:axial:codes";

export function codeableConcept({ scheme, value, meaning }: CodedConcept): object {
  const coding = { system: SYSTEMS[scheme] ?? OWN_SYSTEM, code: value, display: meaning };
  return { coding: [coding], text: meaning };
}

/** A number without unit. */
export function quantity(value: number): object {
  return { value, unit: "1", system: SYSTEMS.UCUM, code: "1" };
}

/** A DICOM UID as an identifier (FHIR R4 ImagingStudy, "urn:dicom:uid"). */
export function uidIdentifier(uid: string): object {
  return { system: "urn:dicom:uid", value: `urn:oid:${uid}` };
}

export function reference({ id }: Pick<Resource, "id">): object {
  return { reference: `urn:uuid:${id}` };
}
