import { describe, expect, it } from "vitest";
import { inTurns } from "../src/dispatch/in-turns.ts";

describe("in turns", () => {
  it("puts few tasks among many, not behind them", () => {
    const order = inTurns([
      { weight: 1, tasks: ["a1", "a2", "a3", "a4", "a5"] },
      { weight: 1, tasks: ["b1", "b2"] },
    ]);
    expect(order).toEqual(["a1", "b1", "a2", "b2", "a3", "a4", "a5"]);
  });

  it("gives a tenant of twice the weight two turns to one", () => {
    const order = inTurns([
      { weight: 1, tasks: ["a1", "a2"] },
      { weight: 2, tasks: ["b1", "b2", "b3", "b4"] },
    ]);
    expect(order).toEqual(["b1", "a1", "b2", "b3", "a2", "b4"]);
  });
});
