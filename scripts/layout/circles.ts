import { dirname, normalize } from "node:path/posix";

/** Files that each file imports, all of them relative to the repository. */
type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * Circles among the children, files and folders, of each folder: what lies side by side imports
 * in one direction, so that it can be read in one. A circle of files is one of their folders'
 * children. Each circle is the sorted paths of those that are in it.
 */
export function findCircles(graph: ImportGraph): string[][] {
  return [...siblingGraphs(graph).values()].flatMap(stronglyConnected);
}

type Edges = Map<string, Set<string>>;

/** Of every folder, which of its children import which others. */
function siblingGraphs(graph: ImportGraph): Map<string, Edges> {
  const graphs = new Map<string, Edges>();
  for (const [from, imports] of graph) {
    for (const to of imports) {
      const folder = commonFolder(from, to);
      const [importer, imported] = [childOf(folder, from), childOf(folder, to)];
      if (importer === imported) continue;
      const edges = graphs.get(folder) ?? new Map<string, Set<string>>();
      graphs.set(folder, edges.set(importer, (edges.get(importer) ?? new Set()).add(imported)));
    }
  }
  return graphs;
}

function commonFolder(one: string, other: string): string {
  let folder = dirname(one);
  while (folder !== "." && !other.startsWith(`${folder}/`)) folder = dirname(folder);
  return folder;
}

function childOf(folder: string, path: string): string {
  const rest = folder === "." ? path : path.slice(folder.length + 1);
  return normalize(`${folder}/${rest.split("/")[0]}`);
}

/** Tarjan's algorithm; only components of more than one. */
function stronglyConnected(edges: Edges): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): number => {
    const index = order.size;
    order.set(node, index);
    lowest.set(node, index);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      const reached = order.has(next) ? stackIndex(next) : visit(next);
      lowest.set(node, Math.min(lowest.get(node) ?? index, reached));
    }
    const low = lowest.get(node) ?? index;
    if (low === index) {
      const component = stack.splice(stack.indexOf(node));
      if (component.length > 1) found.push(component.sort());
    }
    return low;
  };
  const stackIndex = (node: string): number =>
    stack.includes(node) ? (order.get(node) ?? 0) : Number.POSITIVE_INFINITY;
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return found;
}
