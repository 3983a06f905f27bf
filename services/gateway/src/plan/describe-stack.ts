import type { Stack } from "./choose-stack.ts";

/** A stack in words that identify no patient: "sagittal, echo 12 ms, 20 places". */
export function describeStack({ slices: [slice], places }: Stack): string {
  const said = [
    slice?.plane?.name ?? "unknown plane",
    slice?.echoTime == null ? null : `echo ${slice.echoTime} ms`,
    slice?.diffusionBValue == null ? null : `b ${slice.diffusionBValue}`,
    slice?.temporalPosition == null ? null : `time ${slice.temporalPosition}`,
    slice?.laterality == null ? null : `side ${slice.laterality}`,
    slice === undefined || slice.imageType.length < 3 ? null : slice.imageType.slice(2).join("/"),
    `${places.slices.length} ${places.slices.length === 1 ? "place" : "places"}`,
  ];
  return said.filter((part) => part !== null).join(", ");
}
