import type { ErrorCode } from "@axial/contracts";

/** Where the reference is wrong: why, and the SHA-256 of what is right. */
export const OURS_IS_RIGHT: ReadonlyMap<string, { reason: string; sha256: string }> = new Map([
  [
    "pydicom/SC_rgb_small_odd_big_endian.dcm",
    {
      reason: "bytes in big-endian OW are swapped by word; ours equals the little-endian twin",
      sha256: "ef2df252ba3cd066405c4dd121d0efea1341083ae2f676e1f4c844b5a4838cb8",
    },
  ],
  [
    "pydicom-data/OBXXXX1A_expb.dcm",
    {
      reason: "bytes in big-endian OW are swapped by word; ours equals the little-endian twin",
      sha256: "48abdc16b5064b61cf5960f7056756fc97f4547186e88b3bbcc1ebc2a66e6ca7",
    },
  ],
  [
    "pydicom-data/OBXXXX1A_expb_2frame.dcm",
    {
      reason: "bytes in big-endian OW are swapped by word; ours equals the little-endian twin",
      sha256: "48abdc16b5064b61cf5960f7056756fc97f4547186e88b3bbcc1ebc2a66e6ca7",
    },
  ],
  [
    "pylibjpeg-data/966.dcm",
    {
      reason:
        "padding after the last tile-part: the reference returns only zeros; ours equals the " +
        "repaired twin 966_fixed.dcm",
      sha256: "99b9791ddeb72328816843d0a23c14207234ab95652e78478bca733aad767586",
    },
  ],
  [
    "pydicom-data/JLSL_16_15_1_1F.dcm",
    {
      reason:
        "15 bits with PixelRepresentation 1: bit 14 is the sign; the reference leaves it " +
        "unextended and calls the values signed",
      sha256: "bb0a20c386271e836966f81064e1b439a2951b1faa35b48ddbd34e11fb926b6c",
    },
  ],
  [
    "dicomParser/CT0012.fragmented_no_bot_jpeg_ls.80.dcm",
    {
      reason:
        "frames in several fragments without offset table: the reference returns only zeros; ours " +
        "equals the unfragmented twin",
      sha256: "fd4b6d58bc02947dc294d64777ec7ce13a64987050285aa17308995e88dcc77a",
    },
  ],
  [
    "dicomParser/CT0012.fragmented_no_bot_jpeg_ls.81.dcm",
    {
      reason:
        "frames in several fragments without offset table: the reference returns only zeros; the " +
        "near-lossless stream of the twin above",
      sha256: "887c791c6343d44f0b498e405d993758847bb3ffe9dc04df76a011d0650bedfd",
    },
  ],
]);

/** What the reference decodes and we refuse. */
export const REFUSED_FOR_A_REASON: ReadonlyMap<string, { reason: string; code: ErrorCode }> =
  new Map([
    [
      "pydicom/JPEG2000-embedded-sequence-delimiter.dcm",
      {
        reason:
          "made to test fragment reading: its SIZ segment is overwritten with a delimiter and " +
          "announces 3,722,445,056 columns",
        code: "undecodable",
      },
    ],
  ]);
