import {
  type DicomInstance,
  decodeFrame,
  encapsulatedFrame,
  isEncapsulated,
  readInstance,
  type UncompressedFrame,
  uncompressedFrame,
} from "@axial/dicom";
import { serveTenants } from "../threads/serve-tenants.ts";
import type { FrameCommand, FrameResult } from "./frame-messages.ts";
import { renderFrame } from "./render-frame.ts";

/** The frames of one instance are asked for one after another; its header is read once. */
let last: { readonly key: string; readonly instance: DicomInstance } | null = null;

/** The script of a thread that reads frames for people: uncompressed, rendered or as stored. */
serveTenants<FrameCommand, FrameResult>({
  run,
  moved: ({ bytes }) => [bytes.buffer as ArrayBuffer],
});

function instanceOf({ key, bytes }: FrameCommand): DicomInstance {
  if (last?.key !== key) last = { key, instance: readInstance(bytes) };
  return last.instance;
}

async function run(command: FrameCommand): Promise<FrameResult> {
  const instance = instanceOf(command);
  const { frame, wish } = command;
  switch (wish.form) {
    case "uncompressed":
      return owned(await uncompressedFrame(instance, frame));
    case "stored":
      if (!isEncapsulated(instance)) return owned(await uncompressedFrame(instance, frame));
      return owned(noPixels(encapsulatedFrame(instance.dataset, frame, wish.frames)));
    case "rendered":
      // A copy: the encoder's memory cannot be moved.
      return noPixels(
        new Uint8Array(await renderFrame(await decodeFrame(instance, frame), wish.options)),
      );
    default:
      throw wish satisfies never;
  }
}

/** Bytes that are a file or a bit stream, and no cells. */
function noPixels(bytes: Uint8Array): UncompressedFrame {
  return { bytes, photometric: "", planar: false };
}

/** The answer is moved to the pool: bytes that lie in something larger or shared are copied. */
function owned(frame: UncompressedFrame): FrameResult {
  const { bytes } = frame;
  const alone = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return alone ? frame : { ...frame, bytes: new Uint8Array(bytes) };
}
