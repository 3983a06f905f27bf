/** How a VR is written in explicit form: with a length of 16 or of 32 bits. */
export interface VrForm {
  readonly vr: string;
  readonly long: boolean;
}

/** VRs whose explicit form has two reserved bytes and a length of 32 bits, PS3.5 7.1.2. */
export const LONG_VRS: ReadonlySet<string> = new Set([
  "OB",
  "OD",
  "OF",
  "OL",
  "OV",
  "OW",
  "SQ",
  "SV",
  "UC",
  "UN",
  "UR",
  "UT",
  "UV",
]);
const SHORT_VRS = [
  ...["AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT"],
  ...["PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"],
];

const vrByCode = new Map<number, VrForm>();
for (const vr of [...LONG_VRS, ...SHORT_VRS]) {
  vrByCode.set((vr.charCodeAt(0) << 8) | vr.charCodeAt(1), { vr, long: LONG_VRS.has(vr) });
}

/** True when the two bytes name a VR. */
export function isVr(first: number, second: number): boolean {
  return vrByCode.has((first << 8) | second);
}

/** The VR that the two bytes name; undefined when PS3.5 has no such VR. */
export function vrOf(first: number, second: number): VrForm | undefined {
  return vrByCode.get((first << 8) | second);
}

/**
 * The form of a VR that PS3.5 does not know: a VR of the future has the long form (PS3.5 6.2),
 * recognised by its two zero bytes. Undefined when the bytes are not even capital letters.
 */
export function unknownVrOf(first: number, second: number, next: number): VrForm | undefined {
  return isCapital(first) && isCapital(second) ? { vr: "UN", long: next === 0 } : undefined;
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}
