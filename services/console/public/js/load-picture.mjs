import { blobUrl } from "./api.mjs";

/** Shows what is at `href`, which needs the key; a failure is told in place of the picture. */
export async function loadPicture(picture, href, signal) {
  try {
    const url = await blobUrl(href, { signal });
    if (signal.aborted) return URL.revokeObjectURL(url);
    picture.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    picture.src = url;
  } catch (error) {
    if (!signal.aborted) picture.alt = error.message;
  }
}
