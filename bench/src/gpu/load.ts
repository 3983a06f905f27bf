/** The input of one measurement. */
export interface Load {
  /** Images of one batch. */
  readonly batch: number;
  /** DICOM files, used repeatedly. */
  readonly files: readonly string[];
  /** Images that the engine sees in one round. */
  readonly images: number;
}
