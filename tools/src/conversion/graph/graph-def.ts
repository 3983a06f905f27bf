import { AxialError } from "@axial/contracts";
import { Json } from "../tfjs/json.ts";

/** One node of a TensorFlow graph; inputs name other nodes, with the number of their output. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Json;
}

/** The nodes of a graph model's topology by name. Throws `invalid-model` when it holds none. */
export function readNodes(topology: Json): ReadonlyMap<string, GraphNode> {
  const nodes = new Map<string, GraphNode>();
  for (const value of topology.list("node")) {
    const node = new Json(value, "node");
    const inputs = node.get("input") === undefined ? [] : node.list("input");
    nodes.set(node.text("name"), {
      name: node.text("name"),
      op: node.text("op"),
      // An edge that only orders execution begins with ^.
      inputs: inputs.map(String).filter((input) => !input.startsWith("^")),
      attributes: node.get("attr") === undefined ? new Json({}, "attr") : node.object("attr"),
    });
  }
  return nodes;
}

/** `node:output` taken apart. */
export function sourceOf(edge: string): { readonly node: string; readonly output: number } {
  const [node = "", output = "0"] = edge.split(":");
  return { node, output: Number(output) };
}

/** Attributes of a node in the JSON form of AttrValue: numbers as text, text in base64. */
export class Attributes {
  readonly #attributes: Json;

  constructor(attributes: Json) {
    this.#attributes = attributes;
  }

  text(name: string, otherwise: string): string {
    const value = this.#value(name, "s");
    return value === undefined ? otherwise : decoded(value);
  }

  texts(name: string): readonly string[] {
    return this.#list(name, "s").map(decoded);
  }

  ints(name: string): readonly number[] {
    return this.#list(name, "i").map(Number);
  }

  float(name: string, otherwise: number): number {
    const value = this.#value(name, "f");
    return value === undefined ? otherwise : Number(value);
  }

  flag(name: string): boolean {
    return this.#value(name, "b") === true;
  }

  /** Sizes of a shape attribute, −1 where open; null when it is not a shape. */
  shape(name: string): readonly number[] | null {
    if (this.#attributes.get(name) === undefined) return null;
    const shape = this.#attributes.object(name);
    if (shape.get("shape") === undefined) return null;
    const { dim } = shape.get("shape") as { dim?: readonly { size?: unknown }[] };
    return (dim ?? []).map(({ size }) => Number(size ?? -1));
  }

  #value(name: string, kind: string): unknown {
    return this.#attributes.get(name) === undefined
      ? undefined
      : this.#attributes.object(name).get(kind);
  }

  #list(name: string, kind: string): readonly unknown[] {
    if (this.#attributes.get(name) === undefined) return [];
    const list = this.#attributes.object(name).object("list");
    return list.get(kind) === undefined ? [] : list.list(kind);
  }
}

function decoded(value: unknown): string {
  if (typeof value === "string") return Buffer.from(value, "base64").toString();
  throw new AxialError("invalid-model", { detail: "an attribute of the graph is not text" });
}
