import { type DicomInstance, decodeFrame, readInstance, uncompressedFrame } from "@axial/dicom";
import { serveThread } from "../threads/thread-server.ts";
import type { FrameCommand, FrameResult } from "./frame-messages.ts";
import { renderFrame } from "./render-frame.ts";

/** The frames of one instance are asked for one after another; its header is read once. */
let last: { readonly key: string; readonly instance: DicomInstance } | null = null;

/** The script of a thread that reads frames for people: uncompressed, or rendered. */
serveThread<FrameCommand, FrameResult, undefined>({
  ahead: () => undefined,
  run,
  moved: ({ bytes }) => [bytes.buffer as ArrayBuffer],
});

function instanceOf({ key, bytes }: FrameCommand): DicomInstance {
  if (last?.key !== key) last = { key, instance: readInstance(bytes) };
  return last.instance;
}

async function run(command: FrameCommand): Promise<FrameResult> {
  const instance = instanceOf(command);
  if (command.render === null) return owned(await uncompressedFrame(instance, command.frame));
  const image = await renderFrame(await decodeFrame(instance, command.frame), command.render);
  return { bytes: new Uint8Array(image), photometric: "", planar: false };
}

/** The answer is moved to the pool: bytes that lie in something larger or shared are copied. */
function owned(frame: FrameResult): FrameResult {
  const { bytes } = frame;
  const alone = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return alone ? frame : { ...frame, bytes: new Uint8Array(bytes) };
}
