import { describe, expect, it } from "vitest";
import { Admission } from "../../src/engine/admission.ts";

function desk(limit: number) {
  const admission = new Admission(limit);
  const begun: string[] = [];
  const turnedAway: string[] = [];
  const request = (name: string, lane: "stat" | "routine" = "routine", isolate = false) =>
    admission.request({
      lane,
      isolate,
      start: () => begun.push(name),
      turnAway: () => turnedAway.push(name),
    });
  const end = () => {
    admission.prepared();
    admission.ended();
  };
  return { admission, begun, turnedAway, request, end };
}

describe("admission", () => {
  it("begins as many as keep decoding busy, and STAT beyond that", () => {
    const { admission, begun, request } = desk(2);
    request("a");
    request("b");
    request("c");
    request("s", "stat");
    expect(begun).toEqual(["a", "b", "s"]);
    admission.prepared();
    expect(begun).not.toContain("c");
    admission.prepared();
    expect(begun).toEqual(["a", "b", "s", "c"]);
  });

  it("runs an isolated task while nothing else runs", () => {
    const { begun, request, end } = desk(4);
    request("a");
    request("alone", "routine", true);
    request("b");
    expect(begun).toEqual(["a"]);
    end();
    expect(begun).toEqual(["a", "alone"]);
    request("s", "stat");
    expect(begun).toEqual(["a", "alone"]);
    end();
    expect(begun).toEqual(["a", "alone", "s", "b"]);
  });

  it("turns away what has not begun when it closes, and what comes later", () => {
    const { admission, begun, turnedAway, request } = desk(1);
    request("a");
    request("b");
    admission.close();
    request("c");
    expect(begun).toEqual(["a"]);
    expect(turnedAway).toEqual(["b", "c"]);
  });
});
