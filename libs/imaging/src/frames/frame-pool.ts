import type { UncompressedFrame } from "@axial/dicom";
import { type TenantThreadOptions, TenantThreads } from "../threads/tenant-threads.ts";
import type { FrameCommand, FrameResult, FrameSourceBytes, FrameWish } from "./frame-messages.ts";
import type { RenderOptions } from "./render-frame.ts";

const SCRIPT = new URL("./frame-thread.ts", import.meta.url);
const DEFAULT_MAX_WAITING = 4_096;

/**
 * Reads frames for viewers in killable threads, one tenant's after another's. Every method rejects
 * with the error in the input, `decode-timeout`, `too-busy` or `shutting-down`. Frames are counted
 * from 0.
 */
export interface FramePool {
  /** A frame in the cells of Explicit VR Little Endian. */
  uncompressed(source: FrameSourceBytes, frame: number): Promise<UncompressedFrame>;
  /** The same frame as an image file. */
  render(source: FrameSourceBytes, frame: number, options: RenderOptions): Promise<Uint8Array>;
  /** A frame of encapsulated pixel data as it is stored; `frame` of `frames`. */
  stored(
    source: FrameSourceBytes,
    frame: { readonly frame: number; readonly frames: number },
  ): Promise<Uint8Array>;
  close(): Promise<void>;
}

type FramePoolOptions = Omit<TenantThreadOptions, "maxWaitingEach"> & Partial<TenantThreadOptions>;

/** Opens a pool; threads start with the first frames. */
export function openFramePool(options: FramePoolOptions): FramePool {
  const threads = new TenantThreads<FrameCommand, FrameResult>(SCRIPT, {
    maxWaitingEach: DEFAULT_MAX_WAITING,
    ...options,
  });
  const run = ({ tenant, key, bytes }: FrameSourceBytes, frame: number, wish: FrameWish) =>
    threads.run(tenant, () => ({ key, bytes, frame, wish }));
  return {
    uncompressed: (source, frame) => run(source, frame, { form: "uncompressed" }),
    render: async (source, frame, wanted) =>
      (await run(source, frame, { form: "rendered", options: wanted })).bytes,
    stored: async (source, { frame, frames }) =>
      (await run(source, frame, { form: "stored", frames })).bytes,
    close: () => threads.close(),
  };
}

/** `bytes` in memory that threads share. */
export function sharedBytes(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}
