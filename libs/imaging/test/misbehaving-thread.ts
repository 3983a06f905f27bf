import { serveThread } from "../src/index.ts";

/** A pool's thread for tests: hangs or dies on command, at a step that can be recognised. */
export type Order = "answer" | "hang" | "die";
const BAD_STEP = 3;

serveThread<Order, Order, undefined>({
  ahead: () => undefined,
  run: async (order, _ahead, step) => {
    step(BAD_STEP);
    if (order === "die") process.exit(1);
    while (order === "hang");
    return order;
  },
});
