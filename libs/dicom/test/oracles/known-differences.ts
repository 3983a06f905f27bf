const NO_META = "needs preamble and file meta information; we read files that leave no doubt";
const CUT = "refuses a file that is cut short; we read as far as it goes and say truncated";
const BROKEN_VR =
  "takes implicit elements in an explicit file for explicit ones and loses the rest";
const CHARACTER_SETS = "does not decode several character sets in one data set";
const UNSIGNED = "keeps US where the pixels are signed, which PS3.5 A.1 makes SS";
const EMPTY_NUMBER = "reads 0 from an empty number";

/** Files that dicom-parser reads otherwise than we do, and why. */
export const DICOM_PARSER: ReadonlyMap<string, string> = new Map([
  ["pydicom-data/JLSL_RGB_ILV0.dcm", NO_META],
  ["pydicom-data/JLSL_RGB_ILV1.dcm", NO_META],
  ["pydicom-data/JLSL_RGB_ILV2.dcm", NO_META],
  ["pydicom-data/JLSN_RGB_ILV0.dcm", NO_META],
  ["pydicom-data/OT-PAL-8-face.dcm", NO_META],
  ["pydicom/ExplVR_BigEndNoMeta.dcm", NO_META],
  ["pydicom/ExplVR_LitEndNoMeta.dcm", NO_META],
  ["pydicom/rtstruct.dcm", NO_META],
  ["pydicom/meta_missing_tsyntax.dcm", "needs a transfer syntax; we look at the first element"],
  [
    "pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm",
    "reports pixel data without a delimiter with the length 0xFFFFFFFF; ours ends with the file",
  ],
  ["pydicom/DICOMDIR-nooffset", CUT],
  ["pydicom/MR_truncated.dcm", CUT],
  ["pydicom/rtplan_truncated.dcm", CUT],
  ["pydicom/nested_priv_SQ.dcm", "reads past the end where the last sequence lacks its delimiter"],
  ["pydicom/SC_rgb_jpeg.dcm", BROKEN_VR],
]);

/** Files whose values dcmjs reads otherwise than we do, and why. */
export const DCMJS: ReadonlyMap<string, string> = new Map([
  ["pydicom-data/JLSL_RGB_ILV0.dcm", NO_META],
  ["pydicom-data/JLSL_RGB_ILV1.dcm", NO_META],
  ["pydicom-data/JLSL_RGB_ILV2.dcm", NO_META],
  ["pydicom-data/JLSN_RGB_ILV0.dcm", NO_META],
  ["pydicom-data/OT-PAL-8-face.dcm", NO_META],
  ["pydicom/ExplVR_BigEndNoMeta.dcm", NO_META],
  ["pydicom/ExplVR_LitEndNoMeta.dcm", NO_META],
  ["pydicom/rtstruct.dcm", NO_META],
  ["pydicom/meta_missing_tsyntax.dcm", NO_META],
  ["pydicom/no_meta_group_length.dcm", NO_META],
  ["pydicom/DICOMDIR-nooffset", CUT],
  ["pydicom/rtplan_truncated.dcm", CUT],
  ["pydicom/nested_priv_SQ.dcm", "reads past the end where the last sequence lacks its delimiter"],
  ["pydicom/UN_sequence.dcm", "reads past the end of a private sequence of VR UN"],
  ["pydicom-data/bad_sequence.dcm", "rewrites UIDs that hold letters, skips implicit items"],
  ["pydicom/SC_rgb_jpeg.dcm", BROKEN_VR],
  ["pydicom/rtdose_rle.dcm", BROKEN_VR],
  ["pydicom/rtdose_rle_1frame.dcm", BROKEN_VR],
  ["pydicom/DICOMDIR-implicit", "does not know the directory records' tags (group 0004)"],
  ["pydicom/badVR.dcm", "drops an IS that is not a number; we keep its text"],
  ["pydicom/J2K_pixelrep_mismatch.dcm", CHARACTER_SETS],
  ["pydicom/chrH31.dcm", CHARACTER_SETS],
  ["pydicom/chrH32.dcm", CHARACTER_SETS],
  ["pydicom/chrI2.dcm", CHARACTER_SETS],
  ["pydicom/chrJapMulti.dcm", CHARACTER_SETS],
  ["pydicom/chrJapMultiExplicitIR6.dcm", CHARACTER_SETS],
  ["pydicom/chrKoreanMulti.dcm", CHARACTER_SETS],
  ["pydicom/chrSQEncoding.dcm", CHARACTER_SETS],
  ["pydicom/chrSQEncoding1.dcm", CHARACTER_SETS],
  ["dicomParser/CT1_UNC.implicit_little_endian.dcm", UNSIGNED],
  ["pydicom/MR_small_implicit.dcm", UNSIGNED],
  ["dicomParser/IM00001.implicit_little_endian.dcm", "takes private creators for OW"],
  ["pydicom/examples_ybr_color.dcm", "splits UT at backslashes, which PS3.5 6.2 does not"],
  ["pydicom/reportsi_with_empty_number_tags.dcm", EMPTY_NUMBER],
  ["pylibjpeg-data/JPEGLosslessP14SV1_1s_1f_u_16_16.dcm", EMPTY_NUMBER],
  ["pylibjpeg-data/MAROTECH_CT_JP2Lossy.dcm", EMPTY_NUMBER],
  ["pylibjpeg-data/JPEGLosslessP14SV1_1s_1f_u_08_08.dcm", "drops an empty last item"],
  ["pylibjpeg-data/OsirixFake16BitsStoredFakeSpacing.dcm", "reads no number before a zero byte"],
  ["sequence as UN", "leaves elements in it as UN; the registry knows them (PS3.5 6.2.2)"],
  ["1.2.840.10008.1.2", CHARACTER_SETS],
  ["1.2.840.10008.1.2 open", CHARACTER_SETS],
  ["1.2.840.10008.1.2.1", CHARACTER_SETS],
  ["1.2.840.10008.1.2.1 open", CHARACTER_SETS],
  ["1.2.840.10008.1.2.2", CHARACTER_SETS],
  ["1.2.840.10008.1.2.2 open", CHARACTER_SETS],
  ["1.2.840.10008.1.2.1.99", CHARACTER_SETS],
  ["1.2.840.10008.1.2.1.99 open", CHARACTER_SETS],
]);
