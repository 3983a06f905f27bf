import { describe, expect, it } from "vitest";
import { StartQueue, type Ticket } from "../../src/engine/start-queue.ts";

function desk(limit: number) {
  const queue = new StartQueue(limit);
  const begun = new Map<string, Ticket>();
  const turnedAway: string[] = [];
  const request = (name: string, lane: "stat" | "routine" = "routine", isolate = false) =>
    queue.request({
      lane,
      isolate,
      start: (ticket) => begun.set(name, ticket),
      turnAway: () => turnedAway.push(name),
    });
  const end = (name: string) => {
    begun.get(name)?.prepared();
    begun.get(name)?.ended();
  };
  const names = () => [...begun.keys()];
  return { queue, begun, names, turnedAway, request, end };
}

describe("the start queue", () => {
  it("begins as many as keep decoding busy, and STAT beyond that", () => {
    const { begun, names, request } = desk(2);
    request("a");
    request("b");
    request("c");
    request("s", "stat");
    expect(names()).toEqual(["a", "b", "s"]);
    begun.get("a")?.prepared();
    begun.get("a")?.prepared();
    expect(names()).not.toContain("c");
    begun.get("b")?.prepared();
    expect(names()).toEqual(["a", "b", "s", "c"]);
  });

  it("counts images, and learns how many a task has", () => {
    const { begun, names, request } = desk(20);
    request("a");
    begun.get("a")?.sized(16);
    request("b");
    begun.get("b")?.sized(16);
    request("c");
    expect(names()).toEqual(["a", "b"]);
    begun.get("a")?.prepared();
    expect(names()).toEqual(["a", "b", "c"]);
  });

  it("runs an isolated task while nothing else runs", () => {
    const { names, request, end } = desk(4);
    request("a");
    request("alone", "routine", true);
    request("b");
    expect(names()).toEqual(["a"]);
    end("a");
    expect(names()).toEqual(["a", "alone"]);
    request("s", "stat");
    expect(names()).toEqual(["a", "alone"]);
    end("alone");
    expect(names()).toEqual(["a", "alone", "s", "b"]);
  });

  it("lets an applicant leave that has not begun, and those go on whom it was in the way of", () => {
    const { queue, names, request, end } = desk(4);
    const applicant = {
      lane: "routine",
      isolate: true,
      start: () => {},
      turnAway: () => {},
    } as const;
    request("a");
    queue.request(applicant);
    request("b");
    expect(names()).toEqual(["a"]);
    expect(queue.leave(applicant)).toBe(true);
    expect(names()).toEqual(["a", "b"]);
    expect(queue.leave(applicant)).toBe(false);
    end("a");
    expect(names()).toEqual(["a", "b"]);
  });

  it("turns away what has not begun when it closes, and what comes later", () => {
    const { queue, names, turnedAway, request } = desk(1);
    request("a");
    request("b");
    queue.close();
    request("c");
    expect(names()).toEqual(["a"]);
    expect(turnedAway).toEqual(["b", "c"]);
  });
});
