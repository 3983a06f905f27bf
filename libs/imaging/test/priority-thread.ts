import { readlinkSync } from "node:fs";
import { getPriority } from "node:os";
import { serveTenants } from "../src/index.ts";

/** Answers with the priority of its own thread and of the process. */
serveTenants<null, { own: number; others: number }>({
  run: async () => {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    return { own: getPriority(thread), others: getPriority(process.pid) };
  },
});
