import { type AttributeValue, floatTensor, intTensor, makeNode } from "./make-node.ts";
import type { OnnxNode, OnnxTensor } from "./onnx-graph.ts";

/** Collects nodes and constants; their names are given as they come, behind a prefix. */
export class GraphWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly #prefix: string;
  #names = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Adds a node with one output and returns that output's name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const name = this.#name(op.toLowerCase());
    this.nodes.push(makeNode(op, { inputs, outputs: [name] }, attributes));
    return name;
  }

  /** A constant of floats. */
  floats(values: Float32Array | number, dims: readonly number[] = []): string {
    const name = this.#name("floats");
    const stored = typeof values === "number" ? Float32Array.of(values) : values;
    this.initializers.push(floatTensor(name, dims, stored));
    return name;
  }

  /** A constant list of integers: shapes, axes. */
  ints(values: readonly number[]): string {
    const name = this.#name("ints");
    this.initializers.push(intTensor(name, values));
    return name;
  }

  /** The value `from` under another name. */
  alias(from: string, name: string): void {
    this.nodes.push(makeNode("Identity", { inputs: [from], outputs: [name] }));
  }

  #name(what: string): string {
    this.#names += 1;
    return `${this.#prefix}/${what}-${this.#names}`;
  }
}
