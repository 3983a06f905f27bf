import { parentPort } from "node:worker_threads";
import { freePort } from "../src/free-port.ts";

/** Answers a number with as many ports, and lives on until it is ended. */
parentPort?.on("message", async (count: number) => {
  parentPort?.postMessage(await Promise.all(Array.from({ length: count }, freePort)));
});
