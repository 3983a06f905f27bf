/** Paths that clients compose; for pages, a trailing slash matters. */
const COMPOSED = /^\/(dicom-web|lanes|api)(\/|$)/;

/**
 * A request's path without the slashes that clients add when they join a base address and a path:
 * doubled ones, and a trailing one.
 */
export function tidyPath(url: string): string {
  const end = url.search(/[?#]/);
  const [path, rest] = end === -1 ? [url, ""] : [url.slice(0, end), url.slice(end)];
  const single = path.replace(/\/{2,}/g, "/");
  return COMPOSED.test(single) ? single.replace(/(?<=.)\/$/, "") + rest : url;
}
