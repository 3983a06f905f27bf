/** Paths of the interfaces that clients compose; those of pages are told apart by their slash. */
const COMPOSED = /^\/(dicom-web|lanes|api)(\/|$)/;

/**
 * A request's address with the slashes taken out that clients put in when they join a base address
 * and a path: doubled ones, and one at the end.
 */
export function tidyPath(url: string): string {
  const end = url.search(/[?#]/);
  const [path, rest] = end === -1 ? [url, ""] : [url.slice(0, end), url.slice(end)];
  const single = path.replace(/\/{2,}/g, "/");
  return COMPOSED.test(single) ? single.replace(/(?<=.)\/$/, "") + rest : url;
}
