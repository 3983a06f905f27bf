import { afterEach, describe, expect, it, vi } from "vitest";
import { Withdrawals } from "../../src/supervisor/withdrawals.ts";

function watching(heldTasks: number, board: () => Promise<string[]>) {
  const engine = { heldTasks, withdraw: vi.fn() };
  const list = { newest: vi.fn(board) };
  return { engine, list, withdrawals: new Withdrawals({ engine, list }) };
}

describe("withdrawals", () => {
  let open: Withdrawals | undefined;
  afterEach(() => open?.close());

  it("are handed on, all of them, by one question", async () => {
    const { engine, list, withdrawals } = watching(3, async () => ["ta-1", "tb-2"]);
    open = withdrawals;
    await withdrawals.look();
    expect(engine.withdraw.mock.calls).toEqual([["ta-1"], ["tb-2"]]);
    expect(list.newest).toHaveBeenCalledTimes(1);
  });

  it("are not asked for while there is no work, nor while the queue owes an answer", async () => {
    const idle = watching(0, async () => ["ta-1"]);
    await idle.withdrawals.look();
    idle.withdrawals.close();
    expect(idle.list.newest).not.toHaveBeenCalled();

    const { promise, resolve: answer } = Promise.withResolvers<string[]>();
    const slow = watching(1, () => promise);
    open = slow.withdrawals;
    const looks = [slow.withdrawals.look(), slow.withdrawals.look()];
    answer([]);
    await Promise.all(looks);
    expect(slow.list.newest).toHaveBeenCalledTimes(1);
  });

  it("are asked for again after a question that failed", async () => {
    const { engine, withdrawals, list } = watching(1, async () => ["ta-1"]);
    open = withdrawals;
    list.newest.mockRejectedValueOnce(new Error("no queue"));
    await expect(withdrawals.look()).rejects.toThrow("no queue");
    await withdrawals.look();
    expect(engine.withdraw).toHaveBeenCalledWith("ta-1");
  });
});
