import { parentPort } from "node:worker_threads";
import { asAxialError } from "@axial/contracts";
import type { DecodeAnswer, DecodeCommand } from "./decode-messages.ts";
import { sampleBytes } from "./prepare-input.ts";
import { prepareSample } from "./prepare-sample.ts";

/** The script of a decode thread. Decoders are loaded when their first frame comes. */
const port = parentPort;
if (port === null) throw new Error("decode-thread.ts runs only as a worker thread");

const answer = (message: DecodeAnswer) => port.postMessage(message);

port.on("message", async (command: DecodeCommand) => {
  try {
    const out = new Uint8Array(command.buffer, command.offset, sampleBytes(command.input));
    answer({ status: "done", ...(await prepareSample(command, out)) });
  } catch (thrown) {
    answer({ status: "failed", failure: asAxialError(thrown, "undecodable").toJSON() });
  }
});
answer({ status: "ready" });
