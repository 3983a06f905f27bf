/** DS and IS as PS3.5 Table 6.2-1 has them. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

/**
 * The number that a decimal or integer string writes; NaN for every other text. JavaScript would
 * also read `0x10` and the empty string.
 */
export function numberOfString(text: string): number {
  return DECIMAL.test(text) ? Number.parseFloat(text) : Number.NaN;
}

/**
 * The same for the DICOM JSON model (PS3.18 F.2.3): a number, the text itself where it is not one,
 * or null where there is nothing.
 */
export function numberStringJson(vr: "DS" | "IS", text: string): number | string | null {
  if (text === "") return null;
  const number = (vr === "IS" ? INTEGER : DECIMAL).test(text)
    ? Number.parseFloat(text)
    : Number.NaN;
  return Number.isFinite(number) ? number : text;
}
