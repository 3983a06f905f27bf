import type { KyselyPlugin, RootOperationNode } from "kysely";

interface PlanNode {
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
}

/** Runs every raw statement under EXPLAIN ANALYZE and adds up the pages touched. */
export class PageCounter implements KyselyPlugin {
  pages = 0;

  transformQuery({ node }: { readonly node: RootOperationNode }): RootOperationNode {
    if (node.kind !== "RawNode") return node;
    const [first = "", ...rest] = node.sqlFragments;
    const explained = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${first}`;
    return { ...node, sqlFragments: [explained, ...rest] };
  }

  async transformResult({ result }: { readonly result: { readonly rows: unknown[] } }) {
    for (const row of result.rows) {
      const plans = (row as { "QUERY PLAN"?: readonly { readonly Plan: PlanNode }[] })[
        "QUERY PLAN"
      ];
      for (const { Plan } of plans ?? []) {
        this.pages += Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"];
      }
    }
    return { rows: [] };
  }
}
