import { DOMParser, type Element } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { capabilitiesOf } from "../src/http/dicomweb/capabilities.ts";
import { DICOMWEB_RESOURCES } from "../src/http/dicomweb/resources.ts";
import { asWadl } from "../src/http/dicomweb/wadl.ts";

const NAMESPACE = "http://wadl.dev.java.net/2009/02";
const BASE = "https://axial.example/dicom-web?a=1&b";

/** The document's root; a document that is not well-formed throws. */
function described(path: string): Element {
  const capabilities = capabilitiesOf(path);
  if (capabilities === null) throw new Error(`no resource ${path}`);
  const parser = new DOMParser({
    onError: (_level, message) => {
      throw new Error(message);
    },
  });
  const root = parser.parseFromString(asWadl(capabilities, BASE), "text/xml").documentElement;
  if (root === null) throw new Error("no root");
  return root;
}

function childrenOf(parent: Element, name: string): Element[] {
  return [...parent.childNodes].filter(
    (node): node is Element => node.nodeType === 1 && node.nodeName === name,
  );
}

const valuesOf = (elements: readonly Element[], attribute: string) =>
  elements.map((one) => one.getAttribute(attribute));

/** Every resource below an element, by its path from there. */
function resourcesIn(parent: Element, above = ""): [string, Element][] {
  return childrenOf(parent, "resource").flatMap((one) => {
    const path = above + (one.getAttribute("path") ?? "");
    return [[path, one] as [string, Element], ...resourcesIn(one, `${path}/`)];
  });
}

function resources(path: string): Map<string, Element> {
  const [holder] = childrenOf(described(path), "resources");
  if (holder === undefined) throw new Error("no resources");
  return new Map(resourcesIn(holder));
}

function methodOf(path: string, name: string): Element {
  const resource = resources("").get(path);
  const methods = resource === undefined ? [] : childrenOf(resource, "method");
  const method = methods.find((one) => one.getAttribute("name") === name);
  if (method === undefined) throw new Error(`no ${name} ${path}`);
  return method;
}

describe("the description of the service (PS3.18 annex H)", () => {
  it("is one application with one resources element, whose base is the service's", () => {
    const root = described("");
    expect([root.nodeName, root.namespaceURI]).toEqual(["application", NAMESPACE]);
    const holders = childrenOf(root, "resources");
    expect(valuesOf(holders, "base")).toEqual([BASE]);
    expect(valuesOf(childrenOf(holders[0] ?? root, "resource"), "path")).toEqual([
      "studies",
      "series",
      "instances",
    ]);
  });

  it("has every resource in its place in the tree, with its methods and their transactions", () => {
    const found = [...resources("")].map(([path, element]) => {
      const methods = childrenOf(element, "method");
      return [path, valuesOf(methods, "name"), valuesOf(methods, "id")];
    });
    const expected = DICOMWEB_RESOURCES.map(({ path, methods }) => [
      path,
      methods.map(({ name }) => name),
      methods.map(({ id }) => id),
    ]);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  it("declares the variables of each path", () => {
    const parameters = [...resources("").values()].flatMap((one) => childrenOf(one, "param"));
    expect(new Set(valuesOf(parameters, "style"))).toEqual(new Set(["template"]));
    expect(new Set(valuesOf(parameters, "name"))).toEqual(
      new Set(["study", "series", "instance", "frames", "path"]),
    );
  });

  it("leaves out the transaction that retrieves it", () => {
    const ids = [...resources("").values()].flatMap((one) =>
      valuesOf(childrenOf(one, "method"), "id"),
    );
    expect(ids).not.toContain("RetrieveCapabilities");
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("a method", () => {
  it("says what it may be asked for, and what it then answers", () => {
    const search = methodOf("studies", "GET");
    const [request] = childrenOf(search, "request");
    const parameters = request === undefined ? [] : childrenOf(request, "param");
    expect(parameters.map((one) => [one.getAttribute("style"), one.getAttribute("name")])).toEqual([
      ["header", "Accept"],
      ["query", "accept"],
      ["query", "limit"],
      ["query", "offset"],
      ["query", "includefield"],
    ]);
    const [accept] = parameters;
    expect(accept?.getAttribute("default")).toBe("application/dicom+json");
    const [good, bad] = childrenOf(search, "response");
    expect(good?.getAttribute("status")).toBe("200");
    expect(valuesOf(childrenOf(good ?? search, "representation"), "mediaType")).toEqual([
      "application/dicom+json",
    ]);
    expect(bad?.getAttribute("status")).toContain("406");
  });

  it("says what it takes", () => {
    const [request] = childrenOf(methodOf("studies", "POST"), "request");
    const taken = childrenOf(request ?? methodOf("studies", "POST"), "representation");
    expect(valuesOf(taken, "mediaType")).toEqual([
      'multipart/related; type="application/dicom"',
      "application/dicom",
    ]);
  });

  it("that answers with nothing is 204", () => {
    const removal = methodOf("studies/{study}", "DELETE");
    expect(childrenOf(removal, "request")).toEqual([]);
    expect(valuesOf(childrenOf(removal, "response"), "status")[0]).toBe("204");
  });
});

describe("the description of one resource", () => {
  it("names it by its path from the service, and what lies below it by the path from there", () => {
    const paths = [...resources("studies/1.2/series/1.3/instances/1.4").keys()];
    const own = "studies/{study}/series/{series}/instances/{instance}";
    expect(paths[0]).toBe(own);
    expect(paths.slice(1).toSorted()).toEqual(
      [
        ...["metadata", "rendered", "thumbnail", "bulkdata/{path}", "frames/{frames}"],
        ...["frames/{frames}/rendered", "frames/{frames}/thumbnail"],
      ]
        .map((path) => `${own}/${path}`)
        .toSorted(),
    );
    expect(capabilitiesOf("studies/1.2")?.allow).toEqual([
      ...["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
    ]);
    expect(capabilitiesOf("patients")).toBeNull();
  });
});
