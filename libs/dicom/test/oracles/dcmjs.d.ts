/** What the tests use of dcmjs, which has no types of its own. */
declare module "dcmjs" {
  export interface DcmjsAttribute {
    readonly vr: string;
    readonly Value?: unknown;
  }
  export type DcmjsDataSet = Readonly<Record<string, DcmjsAttribute>>;

  interface Logger {
    setLevel(level: "silent"): void;
  }
  export const log: Logger & { getLogger(name: string): Logger };
  export const data: {
    readonly DicomMessage: {
      readFile(bytes: ArrayBuffer): { readonly meta: DcmjsDataSet; readonly dict: DcmjsDataSet };
    };
  };
}
