import { parentPort } from "node:worker_threads";
import { asAxialError } from "@axial/contracts";
import type { DecodeCommand, PreparedFrame, ThreadAnswer } from "./decode-messages.ts";
import { sampleBytes } from "./prepare-input.ts";
import { prepareSample } from "./prepare-sample.ts";

/** The script of a decode thread. Decoders are loaded when their first frame comes. */
const port = parentPort;
if (port === null) throw new Error("decode-thread.ts runs only as a worker thread");

const answer = (message: ThreadAnswer<PreparedFrame>) => port.postMessage(message);

port.on("message", async (command: DecodeCommand) => {
  try {
    const out = new Uint8Array(command.buffer, command.offset, sampleBytes(command.input));
    answer({ status: "done", result: await prepareSample(command, out) });
  } catch (thrown) {
    answer({ status: "failed", failure: asAxialError(thrown, "undecodable").toJSON() });
  }
});
answer({ status: "ready" });
