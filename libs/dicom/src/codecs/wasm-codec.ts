import { AxialError } from "@axial/contracts";

/** A codestream's own header. */
interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned?: boolean;
}

/** The decoder classes of the @cornerstonejs family; their memory is the WASM module's. */
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  /** At a lower resolution, halved `level` times; `getFrameInfo` goes on telling the full size. */
  decodeSubResolution?(level: number, layer: number): void;
  getFrameInfo(): FrameInfo;
  getInterleaveMode?(): number;
  delete(): void;
}

type WasmModule<Name extends string> = Readonly<Record<Name, new () => WasmDecoder>>;

interface ModuleOptions {
  readonly print: () => void;
  readonly printErr: () => void;
  /** Where the loader does not find the module itself. */
  readonly wasmBinary?: Uint8Array;
}

export type WasmFactory<Name extends string> = (
  options: ModuleOptions,
) => Promise<WasmModule<Name>>;

/**
 * The codecs write complaints about their input to the console; the error says enough. A new
 * object for each module: Emscripten turns it into the module itself.
 */
function silent(): ModuleOptions {
  return { print: () => {}, printErr: () => {} };
}

/** What came out: bytes of little-endian cells of 8 or 16 bits, copied out of the module. */
export interface WasmFrame {
  readonly info: FrameInfo;
  readonly bytes: Uint8Array;
  readonly interleaveMode: number;
}

/** Of quality: none is left out. */
const ALL_LAYERS = 0;

/** WASM memory never shrinks: a module that held a larger frame is not kept. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/**
 * One WASM decoder, loaded at its first frame and kept. A trap leaves the module's memory in an
 * unknown state, so the next frame gets a new module.
 */
export class WasmCodec<Name extends string> {
  readonly #load: () => Promise<WasmFactory<Name>>;
  readonly #name: Name;
  #module: Promise<WasmModule<Name>> | null = null;

  constructor(name: Name, load: () => Promise<WasmFactory<Name>>) {
    this.#name = name;
    this.#load = load;
  }

  /**
   * Decodes one codestream, halved so often where the codec can; `info` then tells the full size.
   * Throws `undecodable`.
   */
  async decode(encoded: Uint8Array, halved = 0): Promise<WasmFrame> {
    this.#module ??= this.#load().then((factory) => factory(silent()));
    const Decoder = (await this.#module)[this.#name];
    try {
      const frame = runDecoder(new Decoder(), encoded, halved);
      if (frame.bytes.length > MAX_KEPT_BYTES) this.#module = null;
      return frame;
    } catch (thrown) {
      const cause = thrown instanceof Error ? thrown : undefined;
      if (cause?.name === "RuntimeError") this.#module = null;
      throw new AxialError("undecodable", { detail: `${this.#name} refused the frame`, cause });
    }
  }
}

function runDecoder(decoder: WasmDecoder, encoded: Uint8Array, halved: number): WasmFrame {
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    if (halved === 0) decoder.decode();
    else decoder.decodeSubResolution?.(halved, ALL_LAYERS);
    return {
      info: decoder.getFrameInfo(),
      bytes: decoder.getDecodedBuffer().slice(),
      interleaveMode: decoder.getInterleaveMode?.() ?? 2,
    };
  } finally {
    decoder.delete();
  }
}
