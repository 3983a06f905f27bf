import type { Lane } from "@axial/contracts";
import { phantomSeries } from "@axial/testkit";
import { multipartRelated } from "../stow.ts";
import type { Visit } from "./visit.ts";

const SLICES = 8;
const SIZE = 64;

/** Stores so many small studies in a lane, closed; throws unless each is taken. */
export async function storeStudies(visit: Visit, lane: Lane, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const { files } = phantomSeries({ kind: "brain-with-mass", slices: SLICES, size: SIZE });
    const { contentType, body } = multipartRelated(files);
    const headers = {
      authorization: `Bearer ${visit.key}`,
      "content-type": contentType,
      "axial-lane": lane,
      "axial-close": "true",
      accept: "application/dicom+json",
    };
    const answer = await fetch(`${visit.url}/dicom-web/studies`, { method: "POST", headers, body });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`a study was answered with ${answer.status}`);
  }
}
