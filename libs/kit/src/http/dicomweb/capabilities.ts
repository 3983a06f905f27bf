import { DICOMWEB_RESOURCES, type DicomwebMethod, type DicomwebResource } from "./resources.ts";

/** What OPTIONS says of one resource. */
export interface Capabilities {
  /** The methods of the resource itself, for `Allow`. */
  readonly allow: readonly string[];
  /** The resource and those below it. */
  readonly resources: readonly DicomwebResource[];
}

/**
 * What can be done at `path` below the mount, without a slash at either end; of the mount itself,
 * the empty path, everything. Null for a path that is not a resource.
 */
export function capabilitiesOf(path: string): Capabilities | null {
  if (path === "") return { allow: ["OPTIONS"], resources: DICOMWEB_RESOURCES };
  const resource = DICOMWEB_RESOURCES.find((one) => patternOf(one.path).test(path));
  if (resource === undefined) return null;
  const below = DICOMWEB_RESOURCES.filter(({ path: own }) => own.startsWith(`${resource.path}/`));
  return { allow: allowedBy(resource), resources: [resource, ...below] };
}

/** What answers GET answers HEAD. */
function allowedBy({ methods }: DicomwebResource): string[] {
  return methods.flatMap(({ name }) => (name === "GET" ? ["GET", "HEAD"] : [name]));
}

/** The path of a bulk value has slashes. */
function patternOf(path: string): RegExp {
  const pattern = path.replace("{path}", ".+").replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`);
}

/** A Web Application Description (W3C submission of 2009), as PS3.18 8.9 asks for it. */
export function asWadl({ resources }: Capabilities, base: string): string {
  const described = resources.map(({ path, methods }) =>
    element("resource", { path }, methods.map(methodElement)),
  );
  const root = element("application", { xmlns: "http://wadl.dev.java.net/2009/02" }, [
    element("resources", { base }, described),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function methodElement({ name, id, accepts = [], answers = [] }: DicomwebMethod): string {
  const request = accepts.length === 0 ? [] : [element("request", {}, accepts.map(representation))];
  const status = answers.length === 0 ? "204" : "200";
  const response = element("response", { status }, answers.map(representation));
  return element("method", { name, id }, [...request, response]);
}

function representation(mediaType: string): string {
  return element("representation", { mediaType }, []);
}

type Attributes = Readonly<Record<string, string>>;

function element(name: string, attributes: Attributes, children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const open = `<${name}${written.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The same as JSON. */
export function asJson({ resources }: Capabilities, base: string): object {
  return { resources: { base, resource: resources } };
}
