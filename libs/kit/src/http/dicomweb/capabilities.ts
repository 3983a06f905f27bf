import { DICOMWEB_RESOURCES, type DicomwebResource } from "./resources.ts";

/** A resource and those below it; `path` is relative to the resource above. */
export interface ResourceTree extends DicomwebResource {
  readonly children: readonly ResourceTree[];
}

/** What OPTIONS says of one resource. */
export interface Capabilities {
  /** The methods of the resource itself, for `Allow`. */
  readonly allow: readonly string[];
  /** The resource, its path from the mount; of the mount itself all that lie directly below it. */
  readonly resources: readonly ResourceTree[];
}

/**
 * What can be done at `path` below the mount, without a slash at either end; of the mount itself,
 * the empty path, everything. Null for a path that is not a resource.
 */
export function capabilitiesOf(path: string): Capabilities | null {
  if (path === "") return { allow: ["OPTIONS"], resources: childrenOf("") };
  const resource = DICOMWEB_RESOURCES.find((one) => patternOf(one.path).test(path));
  if (resource === undefined) return null;
  const tree = { ...resource, children: childrenOf(`${resource.path}/`) };
  return { allow: allowedBy(resource), resources: [tree] };
}

/** Those that lie below `prefix` and below none of the others there. */
function childrenOf(prefix: string): ResourceTree[] {
  const below = DICOMWEB_RESOURCES.filter(({ path }) => path.startsWith(prefix));
  const nearest = below.filter(
    ({ path }) => !below.some((other) => path.startsWith(`${other.path}/`)),
  );
  return nearest.map(({ path, methods }) => ({
    path: path.slice(prefix.length),
    methods,
    children: childrenOf(`${path}/`),
  }));
}

/** What answers GET answers HEAD. */
function allowedBy({ methods }: DicomwebResource): string[] {
  const own = methods.flatMap(({ name }) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  return [...own, "OPTIONS"];
}

/** The path of a bulk value has slashes. */
function patternOf(path: string): RegExp {
  const pattern = path.replace("{path}", ".+").replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`);
}

/** The description as JSON: the same tree. */
export function asJson({ resources }: Capabilities, base: string): object {
  return { resources: { base, resource: resources.map(resourceJson) } };
}

function resourceJson({ path, methods, children }: ResourceTree): object {
  return { path, method: methods, resource: children.map(resourceJson) };
}
