/** A DICOM JSON data set (PS3.18 F), as study and series tags are kept. */
export type TagSnapshot = Readonly<
  Record<string, { readonly vr: string; readonly Value?: readonly unknown[] }>
>;
