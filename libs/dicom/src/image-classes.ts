import type { DataSet } from "./data-set.ts";
import { hasPixelData } from "./read-instance.ts";
import { Tag } from "./tags.ts";

const STORAGE = "1.2.840.10008.5.1.4.1.1.";

/** SOP classes whose objects are images: the Image Pixel module is mandatory in them (PS3.3 A.1). */
const IMAGE_CLASSES: ReadonlySet<string> = new Set(
  [
    // CR, DX, mammography, intra-oral, CT, enhanced CT, ultrasound, MR, enhanced MR and colour.
    ...["1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "2", "2.1", "2.2"],
    ...["3.1", "4", "4.1", "4.3", "4.4", "6.1", "6.2", "6.3"],
    // Secondary capture, angiography, fluoroscopy, 3D angiography, tomosynthesis, nuclear medicine.
    ...["7", "7.1", "7.2", "7.3", "7.4", "12.1", "12.1.1", "12.2", "12.2.1"],
    ...["13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5", "14.1", "14.2", "20", "30"],
    // Visible light, ophthalmology, pathology, PET, legacy PET, RT image.
    ...["77.1.1", "77.1.1.1", "77.1.2", "77.1.2.1", "77.1.3", "77.1.4", "77.1.4.1"],
    ...["77.1.5.1", "77.1.5.2", "77.1.5.4", "77.1.5.5", "77.1.5.6", "77.1.6", "77.1.7"],
    ...["128", "128.1", "130", "481.1"],
  ].map((suffix) => STORAGE + suffix),
);

/**
 * Whether a data set ends before the image that its SOP class has. Nothing marks the end of a data
 * set (PS3.5 7.1), so that one which is cut between two elements shows it by what is missing alone:
 * Rows and Columns, which every image has (PS3.3 C.7.6.3). One that has both and no pixels is taken
 * for a header that is passed on without them.
 */
export function endsBeforeImage(dataset: DataSet): boolean {
  if (!IMAGE_CLASSES.has(dataset.string(Tag.SopClassUid) ?? "")) return false;
  const described = dataset.has(Tag.Rows) && dataset.has(Tag.Columns);
  return !described && !dataset.has(Tag.PixelDataProviderUrl) && !hasPixelData(dataset);
}
