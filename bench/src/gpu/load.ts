/** What a network is shown in one measurement. */
export interface Load {
  /** Images of one batch. */
  readonly batch: number;
  /** DICOM files, shown again and again. */
  readonly files: readonly string[];
  /** Images that the engine sees in one round. */
  readonly images: number;
}
