import { newId } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import type { EngineTask } from "../../src/protocol.ts";
import { HeldTasks } from "../../src/supervisor/held-tasks.ts";

function task(key: string): EngineTask {
  return { key, task: newId(), manifest: newId(), lane: "routine", isolate: false };
}

describe("held tasks", () => {
  it("fail with the engine when it had begun with them, else wait for the next", async () => {
    const held = new HeldTasks();
    const begun = held.hold(task("begun")).promise;
    held.hold(task("waiting"));
    held.begun("begun", 1);
    held.failBegun("engine-crashed");
    expect(await begun).toMatchObject({ status: "failed", isolate: true });
    expect(held.waiting().map(({ key }) => key)).toEqual(["waiting"]);
  });

  it("have one outcome when the queue hands one out twice", async () => {
    const held = new HeldTasks();
    const first = held.hold(task("a"));
    const second = held.hold(task("a"));
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    held.settle("a", { status: "refused", failure: { code: "undecodable" } });
    expect(await second.promise).toEqual(await first.promise);
    expect(held.size).toBe(0);
  });

  it("are given up without blame when there is no engine", async () => {
    const held = new HeldTasks();
    const { promise } = held.hold(task("a"));
    held.failAll("shutting-down");
    expect(await promise).toEqual({ status: "failed", failure: { code: "shutting-down" } });
  });
});
