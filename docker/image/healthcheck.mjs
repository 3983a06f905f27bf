import { get } from "node:http";

/**
 * The container's health: 0 when the process inside says that it is ready (its dependencies
 * included), 1 otherwise. Every process of the image listens on the port that the image sets.
 * Plain JavaScript on node:http, because it starts every few seconds in every container.
 */
const PORT = 8080;
const READY_WITHIN_MS = 8_000;

const request = get(
  { host: "127.0.0.1", port: PORT, path: "/readyz", timeout: READY_WITHIN_MS },
  (answer) => {
    if (answer.statusCode === 200) process.exit(0);
    answer.pipe(process.stdout);
    process.exitCode = 1;
  },
);
request.on("timeout", () => request.destroy(new Error("no answer in time")));
request.on("error", (error) => {
  console.log(error.message);
  process.exitCode = 1;
});
