/** Values that mean nothing and are valid for their VR: action D of PS3.15 table E.1-1a. */
const TEXTS: Readonly<Record<string, string>> = {
  AE: "REMOVED",
  AS: "000D",
  CS: "REMOVED",
  DA: "19000101",
  DS: "0",
  DT: "19000101000000",
  IS: "0",
  LO: "REMOVED",
  LT: "REMOVED",
  PN: "REMOVED",
  SH: "REMOVED",
  ST: "REMOVED",
  TM: "000000",
  UC: "REMOVED",
  UR: "urn:removed",
  UT: "REMOVED",
};

/** Bytes of one value of a binary VR. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ AT: 4, FD: 8, FL: 4, OD: 8, OF: 4, OL: 4, OV: 8 },
  ...{ SL: 4, SS: 2, SV: 8, UL: 4, US: 2, UV: 8 },
};

/** One dummy value of `vr`; zeros for a binary one. */
export function dummyValue(vr: string): Buffer {
  const text = TEXTS[vr];
  return text === undefined ? Buffer.alloc(WIDTHS[vr] ?? 2) : Buffer.from(text, "latin1");
}
