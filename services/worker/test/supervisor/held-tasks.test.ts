import { newId } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import type { EngineTask } from "../../src/protocol.ts";
import { HeldTasks } from "../../src/supervisor/held-tasks.ts";

function task(key: string): EngineTask {
  return { key, task: newId(), input: newId(), lane: "routine", isolate: false };
}

describe("held tasks", () => {
  it("fail with the engine when it had begun with them, else wait for the next", async () => {
    const [held, engine, other] = [new HeldTasks(), { engine: 1 }, { engine: 2 }];
    const begun = held.hold(task("begun")).promise;
    for (const key of ["waiting", "elsewhere"]) held.hold(task(key));
    held.give("begun", engine);
    held.give("waiting", engine);
    held.give("elsewhere", other);
    held.begun("begun", 1);
    held.begun("elsewhere", 2);
    held.lost(engine, "engine-crashed");
    expect(await begun).toMatchObject({ kind: "failed", isolate: true });
    expect(held.waiting().map(({ key }) => key)).toEqual(["waiting"]);
    expect([held.count(engine), held.count(other)]).toEqual([0, 1]);
  });

  it("wait for another engine when the one they were given to is replaced", () => {
    const [held, engine] = [new HeldTasks(), { engine: 1 }];
    held.hold(task("a"));
    held.give("a", engine);
    expect(held.waiting()).toEqual([]);
    held.takeBack("a");
    expect(held.waiting().map(({ key }) => key)).toEqual(["a"]);
  });

  it("have one outcome when the queue hands one out twice", async () => {
    const held = new HeldTasks();
    const first = held.hold(task("a"));
    const second = held.hold(task("a"));
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    held.settle("a", { kind: "refused", code: "undecodable" });
    expect(await second.promise).toEqual(await first.promise);
    expect(held.size).toBe(0);
  });

  it("tell who has one, so that it can be taken back from there", () => {
    const [held, engine] = [new HeldTasks(), { engine: 1 }];
    held.hold(task("a"));
    expect([held.ownerOf("a"), held.ownerOf("b")]).toEqual([null, undefined]);
    held.give("a", engine);
    expect(held.ownerOf("a")).toBe(engine);
  });

  it("are given up without blame when there is no engine", async () => {
    const held = new HeldTasks();
    const { promise } = held.hold(task("a"));
    held.failAll("shutting-down");
    expect(await promise).toEqual({ kind: "failed", code: "shutting-down" });
  });
});
