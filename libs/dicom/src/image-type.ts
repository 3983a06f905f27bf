/** Whether ImageType (PS3.3 C.7.6.1.1.2, upper case) names a localiser. */
export function isLocalizer(imageType: readonly string[]): boolean {
  return imageType.some((value) => value === "LOCALIZER" || value === "SCOUT");
}

/** Whether ImageType names pixels that were derived from others, or no original of an examination. */
export function isDerived(imageType: readonly string[]): boolean {
  return imageType[0] === "DERIVED" || imageType[1] === "SECONDARY";
}
