import { dictionaryEntry } from "@axial/dicom";
import type { DataSetElements } from "@axial/testkit";

/** In every marker; nothing else has it. */
export const MARK = "QZXJANE";
/** The VRs in which names and sentences are. */
const TEXT_VRS: ReadonlySet<string> = new Set(["PN", "LO", "SH", "LT", "ST", "UT", "UC"]);
const FIRST_GROUP = 0x0008;
const LAST_GROUP = 0x0054;
/** What describes the pixels is not text of people. */
const PLANNED_BY: ReadonlySet<string> = new Set(["ProtocolName", "SeriesDescription"]);

/** Every text element that PS3.6 has in groups 0008 to 0054, marked with its keyword. */
export function markedElements(): DataSetElements {
  const marked: Record<string, string> = {};
  for (let group = FIRST_GROUP; group <= LAST_GROUP; group += 2) {
    for (let element = 0; element <= 0xffff; element += 1) {
      const entry = dictionaryEntry(((group << 16) | element) >>> 0);
      if (entry === null || !TEXT_VRS.has(entry.vr) || PLANNED_BY.has(entry.keyword)) continue;
      marked[entry.keyword] = markOf(entry.vr, marked);
    }
  }
  return marked;
}

/** Short enough for SH, and told apart. */
function markOf(vr: string, among: object): string {
  const number = Object.keys(among).length;
  return vr === "PN" ? `${MARK}^N${number}` : `${MARK} ${number}`;
}

/** Markers in sequences, in private elements, and in private sequences. */
export const NESTED: DataSetElements = {
  RequestAttributesSequence: [
    {
      RequestedProcedureDescription: `${MARK} nested`,
      ScheduledProcedureStepDescription: `${MARK} nested`,
      RequestedProcedureCodeSequence: [{ CodeMeaning: `${MARK} twice nested` }],
    },
  ],
  "00290010": { vr: "LO", value: "AXIAL TEST" },
  "00291001": { vr: "LO", value: `${MARK} private` },
  "00291002": { vr: "UN", value: Buffer.from(`${MARK} unknown`) },
  "00291003": { vr: "SQ", value: [{ PatientName: `${MARK}^PRIVATE`, PatientComments: MARK }] },
};
