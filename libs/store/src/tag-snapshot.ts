/** A DICOM JSON data set (PS3.18 F), the form in which study and series tags are stored. */
export type TagSnapshot = Readonly<
  Record<string, { readonly vr: string; readonly Value?: readonly unknown[] }>
>;
