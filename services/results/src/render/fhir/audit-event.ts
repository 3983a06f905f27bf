import type { AuditRow } from "@axial/store/audit";
import { stableUuid } from "../report/stable-ids.ts";
import { firstText } from "../report/tag-values.ts";
import { type Resource, uidIdentifier } from "./fhir-types.ts";
import { patientIdentifier } from "./patient.ts";

const DCM = "http://dicom.nema.org/resources/ontology/DCM";
const OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role";
const ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type";
const OWN_SYSTEM = "urn:axial:audit";

/** An event of the DICOM audit trail (PS3.15 A.5.3, CID 400) and the kind of act, as FHIR codes it. */
interface Event {
  readonly code: string;
  readonly display: string;
  readonly act: "C" | "R" | "U" | "D" | "E";
}

const ACCESSED: Event = { code: "110103", display: "DICOM Instances Accessed", act: "R" };
const TRANSFERRED: Event = {
  ...{ code: "110104", display: "DICOM Instances Transferred", act: "C" },
};
const QUERY: Event = { code: "110112", display: "Query", act: "E" };
const DELETED: Event = { code: "110105", display: "DICOM Study Deleted", act: "D" };
const LOGIN: Event = { code: "110114", display: "User Authentication", act: "E" };
const SECURITY: Event = { code: "110113", display: "Security Alert", act: "E" };
const ORDER: Event = { code: "110109", display: "Order Record", act: "U" };

const EVENTS: Readonly<Record<string, Event>> = {
  "study.store": TRANSFERRED,
  "study.restore": TRANSFERRED,
  "series.restore": TRANSFERRED,
  "instance.restore": TRANSFERRED,
  "instance.replace": { ...TRANSFERRED, act: "U" },
  "study.retrieve": ACCESSED,
  "study.read": ACCESSED,
  "report.read": ACCESSED,
  "study.search": QUERY,
  "study.list": QUERY,
  "result.search": QUERY,
  "backfill.read": QUERY,
  "feedback.list": QUERY,
  "audit.read": { code: "110101", display: "Audit Log Used", act: "R" },
  "study.delete": DELETED,
  "series.delete": DELETED,
  "instance.delete": DELETED,
  login: LOGIN,
  association: { ...LOGIN },
  "study.close": ORDER,
  "study.rerun": ORDER,
  "study.cancel": ORDER,
};

/** IHE BALP and DICOM: 0 success, 4 minor failure. */
const OUTCOMES = { success: "0", refused: "4" } as const;

/**
 * An entry as a FHIR R4 AuditEvent after IHE's Basic Audit Log Patterns, coded as DICOM's audit
 * messages are (PS3.15 A.5): who, from which address, what, and of which study and patient. What
 * Axial alone does (settings, keys, holds) is a security alert with its own subtype.
 */
export function auditEventOf(row: AuditRow): Resource {
  const { code, display, act } = EVENTS[row.action] ?? { ...SECURITY, act: "U" };
  return {
    resourceType: "AuditEvent",
    id: stableUuid("audit", row.tenant_id, row.id),
    type: { system: DCM, code, display },
    subtype: [{ system: OWN_SYSTEM, code: row.action, display: row.action }],
    action: act,
    recorded: row.at.toISOString(),
    outcome: OUTCOMES[row.outcome],
    agent: [agentOf(row), ...(code === LOGIN.code ? [] : [SERVER])],
    source: {
      site: row.tenant_id,
      observer: { display: "Axial" },
      type: [{ system: SOURCE_TYPE, code: "4", display: "Application Server" }],
    },
    ...entitiesOf(row),
  };
}

const SERVER = {
  type: { coding: [{ system: DCM, code: "110152", display: "Destination Role ID" }] },
  who: { display: "Axial" },
  requestor: false,
};

function agentOf({ key_id, key_name, address, detail }: AuditRow): object {
  const title = detail.callingAeTitle;
  const identifier =
    key_id === null
      ? { system: "urn:axial:ae-title", value: String(title ?? "system") }
      : { system: "urn:axial:key", value: key_id };
  return {
    type: { coding: [{ system: DCM, code: "110153", display: "Source Role ID" }] },
    who: { identifier, ...(key_name === null ? {} : { display: key_name }) },
    requestor: true,
    // 2: an IP address.
    ...(address === null ? {} : { network: { address, type: "2" } }),
  };
}

function entitiesOf(row: AuditRow): { readonly entity?: readonly object[] } {
  const entity = [...patientEntity(row), ...targetEntity(row)];
  return entity.length === 0 ? {} : { entity };
}

function patientEntity({ study_tags }: AuditRow): object[] {
  const number = study_tags === null ? null : firstText(study_tags, "00100020");
  if (study_tags === null || number === null) return [];
  return [
    {
      what: { identifier: patientIdentifier(number, firstText(study_tags, "00100021")) },
      type: { system: ENTITY_TYPE, code: "1", display: "Person" },
      role: { system: OBJECT_ROLE, code: "1", display: "Patient" },
    },
  ];
}

function targetEntity({ target, study_uid, detail }: AuditRow): object[] {
  const facts = Object.entries(detail).map(([type, value]) => ({
    type,
    valueString: String(value),
  }));
  if (target === null && facts.length === 0) return [];
  const identifier =
    study_uid === null ? { system: OWN_SYSTEM, value: target ?? "" } : uidIdentifier(study_uid);
  return [
    {
      ...(target === null ? {} : { what: { identifier } }),
      type: { system: ENTITY_TYPE, code: "2", display: "System Object" },
      role:
        study_uid === null
          ? { system: OBJECT_ROLE, code: "13", display: "Security Resource" }
          : { system: OBJECT_ROLE, code: "3", display: "Report" },
      ...(facts.length === 0 ? {} : { detail: facts }),
    },
  ];
}
