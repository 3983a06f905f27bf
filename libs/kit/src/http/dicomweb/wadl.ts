import type { Capabilities, ResourceTree } from "./capabilities.ts";
import type { DicomwebMethod } from "./resources.ts";

const NAMESPACE = "http://wadl.dev.java.net/2009/02";

/** Statuses of each method, those of success first. */
const STATUSES = {
  GET: { good: "200", bad: "400 401 403 404 406 503" },
  POST: { good: "200 202", bad: "400 401 403 406 409 413 415 429 503" },
  DELETE: { good: "204", bad: "401 403 404 409 503" },
} as const;

/**
 * A Web Application Description (W3C submission of 2009) as PS3.18 annex H asks for it: one
 * `application` with one `resources`, whose base is the service's, and in it the resource with its
 * methods and the tree of those below it.
 */
export function asWadl({ resources }: Capabilities, base: string): string {
  const root = element("application", { xmlns: NAMESPACE }, [
    element("resources", { base }, resources.map(resourceElement)),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function resourceElement({ path, methods, children }: ResourceTree): string {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return element("resource", { path }, [
    ...names.map((name) => parameter({ name, style: "template", required: "true" })),
    ...methods.map(methodElement),
    ...children.map(resourceElement),
  ]);
}

function methodElement({ name, id, ...method }: DicomwebMethod): string {
  const { accepts = [], answers = [], queries = [] } = method;
  const { good, bad } = STATUSES[name];
  const request = [
    ...(answers.length === 0 ? [] : [acceptHeader(answers)]),
    ...queries.map((query) => parameter({ name: query, style: "query" })),
    ...accepts.map(representation),
  ];
  return element("method", { name, id }, [
    ...(request.length === 0 ? [] : [element("request", {}, request)]),
    element("response", { status: good }, answers.map(representation)),
    element("response", { status: bad }, []),
  ]);
}

/** What a client may accept; the first is what it gets that accepts anything. */
function acceptHeader(answers: readonly string[]): string {
  const options = answers.map((value) => element("option", { value }, []));
  return parameter({ name: "Accept", style: "header", default: answers[0] ?? "" }, options);
}

function parameter(attributes: Attributes, options: readonly string[] = []): string {
  return element("param", attributes, options);
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
