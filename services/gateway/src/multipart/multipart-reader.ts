import { AxialError } from "@axial/contracts";

/** RFC 2046 5.1.1 allows 70; Outlook-style senders stay far below it. */
const MAX_BOUNDARY_CHARACTERS = 200;
/** A delimiter or header line. DICOM part headers are a media type and a location. */
const MAX_LINE_BYTES = 8_192;
/** Header lines of one part; senders use up to five. */
const MAX_HEADER_LINES = 32;
/** Text before the first part; RFC 2046 expects a sentence for people. */
const MAX_PREAMBLE_BYTES = 65_536;

const LF = 0x0a;
const CR = 0x0d;

/** One part; its body must be read, or is skipped, before the next part is asked for. */
export interface Part {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Reads multipart bodies (RFC 2046) from a stream in constant memory: bytes are handed on as
 * views of the chunks they came in. Lenient where senders differ (preamble, LF for CRLF, no final
 * CRLF, parts without headers); a body that ends inside a part is `invalid-multipart`.
 */
export class MultipartReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #needle: Buffer;
  /** Bytes that came and are not consumed. Begins with a line feed wherever a line begins. */
  #buffer: Buffer = Buffer.of(LF);
  #state: "preamble" | "delimiter" | "body" | "end" = "preamble";

  constructor(source: AsyncIterable<Buffer>, boundary: string | undefined) {
    if (!boundary || boundary.length > MAX_BOUNDARY_CHARACTERS) {
      throw new AxialError("invalid-multipart", { detail: "no usable boundary parameter" });
    }
    this.#source = source[Symbol.asyncIterator]();
    this.#needle = Buffer.from(`\n--${boundary}`, "latin1");
  }

  /** The next part, or null after the last one. */
  async next(): Promise<Part | null> {
    if (this.#state === "preamble") await this.#skip(MAX_PREAMBLE_BYTES);
    if (this.#state === "body") await this.#skip(Number.POSITIVE_INFINITY);
    if (this.#state === "delimiter") await this.#readDelimiterEnd();
    if (this.#isAtEnd()) return null;
    const headers = await this.#readHeaders();
    return { headers, body: this.#readBody() };
  }

  /** The methods change the state behind the compiler's back. */
  #isAtEnd(): boolean {
    return this.#state === "end";
  }

  async #skip(limit: number): Promise<void> {
    let skipped = 0;
    for await (const chunk of this.#readBody()) {
      skipped += chunk.length;
      if (skipped > limit) {
        throw new AxialError("invalid-multipart", { detail: `no boundary in ${limit} bytes` });
      }
    }
  }

  /** The rest of a delimiter's line: `--` ends the message, else only padding may follow. */
  async #readDelimiterEnd(): Promise<void> {
    const rest = await this.#readLine();
    if (rest.startsWith("--")) {
      this.#state = "end";
    } else if (rest.trim() !== "") {
      throw new AxialError("invalid-multipart", { detail: "text follows a boundary" });
    }
  }

  async #readHeaders(): Promise<Map<string, string>> {
    const headers = new Map<string, string>();
    this.#state = "body";
    for (let lines = 0; lines < MAX_HEADER_LINES; lines += 1) {
      await this.#fillTo(this.#needle.length - 1);
      if (this.#buffer.indexOf(this.#needle.subarray(1)) === 0) {
        this.#buffer = Buffer.concat([Buffer.of(LF), this.#buffer]);
        return headers;
      }
      const line = await this.#readLine({ keepLineFeedOfEmpty: true });
      if (line === "") return headers;
      const colon = line.indexOf(":");
      if (colon < 1) throw new AxialError("invalid-multipart", { detail: "bad part header" });
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    throw new AxialError("invalid-multipart", {
      detail: `more than ${MAX_HEADER_LINES} header lines`,
    });
  }

  /** The bytes up to the next delimiter. The buffer begins with a line feed that is not of it. */
  async *#readBody(): AsyncGenerator<Buffer> {
    let skip = 1;
    while (this.#state === "body" || this.#state === "preamble") {
      const found = this.#buffer.indexOf(this.#needle);
      if (found !== -1) {
        const data = this.#buffer.subarray(skip, withoutCarriageReturn(this.#buffer, found));
        this.#buffer = this.#buffer.subarray(found + this.#needle.length);
        this.#state = "delimiter";
        if (data.length > 0) yield data;
        return;
      }
      const safe = this.#buffer.length - this.#needle.length;
      if (safe > skip) {
        yield this.#buffer.subarray(skip, safe);
        this.#buffer = this.#buffer.subarray(safe);
        skip = 0;
      }
      const held = await this.#fillBody(skip);
      if (held !== null) {
        skip = 0;
        yield held;
      }
    }
  }

  /**
   * Takes the next chunk. Chunks are large and delimiters rare, so they are joined only where a
   * delimiter may lie across both; else what was held back is returned as data.
   */
  async #fillBody(skip: number): Promise<Buffer | null> {
    const chunk = await this.#nextChunk();
    if (chunk === null) {
      throw new AxialError("invalid-multipart", { detail: "the body ends inside a part" });
    }
    const reach = this.#needle.length;
    const joint = Buffer.concat([this.#buffer, chunk.subarray(0, reach)]);
    if (skip > 0 || chunk.length < reach || joint.includes(this.#needle)) {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      return null;
    }
    const held = this.#buffer;
    this.#buffer = chunk;
    return held;
  }

  /** A line without its end; the last line of the body may lack one. */
  async #readLine(options: { keepLineFeedOfEmpty?: boolean } = {}): Promise<string> {
    let end = this.#buffer.indexOf(LF);
    while (end === -1) {
      const length = this.#buffer.length;
      if (length > MAX_LINE_BYTES) break;
      if (!(await this.#fillTo(length + 1))) break;
      end = this.#buffer.indexOf(LF, length);
    }
    if (end === -1) end = this.#buffer.length;
    if (end > MAX_LINE_BYTES) {
      throw new AxialError("invalid-multipart", {
        detail: `a line exceeds ${MAX_LINE_BYTES} bytes`,
      });
    }
    const line = this.#buffer.toString("latin1", 0, withoutCarriageReturn(this.#buffer, end));
    const keep = options.keepLineFeedOfEmpty === true && line === "";
    this.#buffer = this.#buffer.subarray(keep ? end : end + 1);
    return line;
  }

  /** Waits until `length` bytes are there; false when the stream ends before. */
  async #fillTo(length: number): Promise<boolean> {
    while (this.#buffer.length < length) {
      const chunk = await this.#nextChunk();
      if (chunk === null) return false;
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
    }
    return true;
  }

  /** What is held is copied: the source may take its chunk back when the next is asked for. */
  async #nextChunk(): Promise<Buffer | null> {
    this.#buffer = Buffer.from(this.#buffer);
    const { done, value } = await this.#source.next();
    return done === true ? null : value;
  }
}

function withoutCarriageReturn(buffer: Buffer, end: number): number {
  return end > 0 && buffer[end - 1] === CR ? end - 1 : end;
}
