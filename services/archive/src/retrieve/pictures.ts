import { AxialError } from "@axial/contracts";
import type { StoredInstance } from "@axial/store/search";
import { asAnswer, type Exchange } from "./exchange.ts";
import { listedFrames, sourceOf } from "./frames.ts";
import { heldBytes } from "./held-bytes.ts";
import { type ImageType, type RenderQuery, renderOptions } from "./rendering.ts";

/** A frame (counted from 0) that is shown as an image. */
export interface Picture {
  readonly stored: StoredInstance;
  readonly frame: number;
}

/** What `/rendered` shows: the frames of a list, else the first frame of each image. */
export async function renderedPictures(exchange: Exchange): Promise<Picture[]> {
  const images = await imagesOf(exchange);
  const { frames } = exchange.params;
  return images.flatMap((stored) =>
    (frames === undefined ? [0] : listedFrames(frames, stored)).map((frame) => ({ stored, frame })),
  );
}

/** What `/thumbnail` shows: that frame, else the middle of the largest series. */
export async function thumbnailPicture(exchange: Exchange): Promise<Picture> {
  const images = await imagesOf(exchange);
  const bySeries = Map.groupBy(images, ({ seriesUid }) => seriesUid);
  const [largest = []] = [...bySeries.values()].toSorted((a, b) => b.length - a.length);
  const stored = largest[largest.length >> 1];
  if (stored === undefined) throw noImage();
  const { frames } = exchange.params;
  if (frames === undefined) return { stored, frame: stored.frames >> 1 };
  const [frame = 0] = listedFrames(frames, stored);
  return { stored, frame };
}

/** Documents among the instances of a study are not shown. */
async function imagesOf(exchange: Exchange): Promise<StoredInstance[]> {
  const images = (await exchange.instances()).filter(({ hasPixels }) => hasPixels);
  if (images.length === 0) throw noImage();
  return images;
}

function noImage(): AxialError {
  return new AxialError("not-acceptable", { detail: "no-pixel-data" });
}

/** How pictures are drawn. */
interface Drawing {
  readonly type: ImageType;
  readonly query: RenderQuery;
}

/** The pictures as image files, one after another; a file is read once for its frames. */
export async function* drawn(
  exchange: Exchange,
  pictures: readonly Picture[],
  drawing: Drawing,
): AsyncGenerator<Buffer> {
  for (const frames of Map.groupBy(pictures, ({ stored }) => stored).values()) {
    yield* drawnOfOne(exchange, frames, drawing);
  }
}

/** Of frames of one instance. */
async function* drawnOfOne(
  { dependencies: { blobs, budget, frames } }: Exchange,
  pictures: readonly Picture[],
  { type, query }: Drawing,
): AsyncGenerator<Buffer> {
  const [first] = pictures;
  if (first === undefined) return;
  const { stored } = first;
  const release = await budget.take(stored.tenant, heldBytes(stored));
  try {
    const source = sourceOf(stored, await blobs.get(stored.blob));
    const options = renderOptions(query, type);
    for (const { frame } of pictures)
      yield Buffer.from(await frames.render(source, frame, options));
  } catch (thrown) {
    throw asAnswer(thrown);
  } finally {
    release();
  }
}
