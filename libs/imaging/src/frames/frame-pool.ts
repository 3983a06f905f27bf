import type { UncompressedFrame } from "@axial/dicom";
import { ThreadPool, type ThreadPoolOptions } from "../threads/thread-pool.ts";
import type { FrameCommand, FrameResult, FrameSourceBytes } from "./frame-messages.ts";
import type { RenderOptions } from "./render-frame.ts";

const SCRIPT = new URL("./frame-thread.ts", import.meta.url);

/**
 * Reads frames for viewers in killable threads. Both methods reject with the error in the input,
 * `decode-timeout`, `too-busy` or `shutting-down`.
 */
export interface FramePool {
  /** Frame `frame` (counted from 0) in the cells of Explicit VR Little Endian. */
  uncompressed(source: FrameSourceBytes, frame: number): Promise<UncompressedFrame>;
  /** The same frame as an image file. */
  render(source: FrameSourceBytes, frame: number, options: RenderOptions): Promise<Uint8Array>;
  close(): Promise<void>;
}

type FramePoolOptions = Pick<ThreadPoolOptions, "threads" | "timeoutMs" | "maxWaiting">;

/** Opens a pool; threads start with the first frames. */
export function openFramePool(options: FramePoolOptions): FramePool {
  const pool = new ThreadPool<FrameCommand, FrameResult>(SCRIPT, options);
  return {
    uncompressed: (source, frame) => pool.run({ ...source, frame, render: null }),
    render: async (source, frame, render) => (await pool.run({ ...source, frame, render })).bytes,
    close: () => pool.close(),
  };
}

/** `bytes` in memory that threads share. */
export function sharedBytes(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}
