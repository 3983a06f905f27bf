import { buffer } from "node:stream/consumers";
import PDFDocument from "pdfkit";
import { fontRuns, type PageFont } from "./fonts.ts";

const MARGIN = 48;
/** Points: A4 upright. */
const [WIDTH, HEIGHT] = [595.28, 841.89];
const LEADING = 1.35;
const GREY = "#555555";
const BLACK = "#000000";

export interface LineStyle {
  readonly size: number;
  readonly grey?: boolean;
  /** Points from the left margin. */
  readonly indent?: number;
}

/** One A4 page that is written from top to bottom. */
export class Page {
  readonly #document: PDFKit.PDFDocument;
  readonly #registered = new Set<string>();
  readonly #widths = new Map<string, number>();
  #y = MARGIN;

  /** `at` becomes the date of the file, so that the same report yields the same bytes. */
  constructor(title: string, at: Date) {
    this.#document = new PDFDocument({
      size: "A4",
      margin: 0,
      info: { Title: title, Creator: "Axial", Producer: "Axial", CreationDate: at, ModDate: at },
      lang: "en",
      displayTitle: true,
    });
  }

  /** Lines that still fit at a size, when `reserved` points are kept free at the bottom. */
  room(size: number, reserved = 0): number {
    return Math.max(0, Math.floor((HEIGHT - MARGIN - reserved - this.#y) / (size * LEADING)));
  }

  /** Writes text in as many lines as it needs. */
  write(text: string, style: LineStyle): void {
    for (const line of this.lines(text, style)) this.#line(line, style);
  }

  /** The lines of a text: broken at blanks, and inside a word that is longer than the page. */
  lines(text: string, { size, indent = 0 }: LineStyle): string[] {
    const room = WIDTH - 2 * MARGIN - indent;
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ").flatMap((one) => this.#pieces(one, size, room))) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && this.#width(longer, size) > room) lines.push(line);
      line = line !== "" && this.#width(longer, size) > room ? word : longer;
    }
    return [...lines, line];
  }

  skip(points: number): void {
    this.#y += points;
  }

  /** A thin line from margin to margin. */
  rule(): void {
    this.#document
      .moveTo(MARGIN, this.#y)
      .lineTo(WIDTH - MARGIN, this.#y)
      .lineWidth(0.5)
      .stroke(GREY);
    this.#y += 6;
  }

  /** Continues at that many points above the lower margin. */
  toBottom(points: number): void {
    this.#y = HEIGHT - MARGIN - points;
  }

  /** Ends the page and resolves with the file. */
  async end(): Promise<Buffer> {
    this.#document.end();
    return buffer(this.#document);
  }

  #line(text: string, { size, grey = false, indent = 0 }: LineStyle): void {
    let x = MARGIN + indent;
    this.#document.fillColor(grey ? GREY : BLACK).fontSize(size);
    for (const run of inReadingOrder(text)) {
      this.#use(run.font);
      this.#document.text(run.text, x, this.#y + size, WHOLE);
      x += this.#document.widthOfString(run.text, WHOLE);
    }
    this.#y += size * LEADING;
  }

  /** Setting a word takes longer than anything else here: each is measured once. */
  #width(text: string, size: number): number {
    const words = text.split(" ");
    const blanks = (words.length - 1) * this.#wordWidth(" ");
    return (words.reduce((sum, word) => sum + this.#wordWidth(word), 0) + blanks) * size;
  }

  /** At a size of one point. */
  #wordWidth(word: string): number {
    const known = this.#widths.get(word);
    if (known !== undefined) return known;
    this.#document.fontSize(1);
    const width = fontRuns(word).reduce((sum, run) => {
      this.#use(run.font);
      return sum + this.#document.widthOfString(run.text, WHOLE);
    }, 0);
    this.#widths.set(word, width);
    return width;
  }

  #use({ name, bytes }: PageFont): void {
    if (!this.#registered.has(name)) this.#document.registerFont(name, bytes);
    this.#registered.add(name);
    this.#document.font(name);
  }

  #pieces(word: string, size: number, room: number): string[] {
    if (this.#width(word, size) <= room) return [word];
    const half = Math.ceil(word.length / 2);
    return [word.slice(0, half), word.slice(half)].flatMap((one) => this.#pieces(one, size, room));
  }
}

/** A run is set as a whole, so that scripts that join or reorder their letters come out right. */
const WHOLE = {
  ...{ lineBreak: false, features: [] },
  // Fonts differ in what lies above and below their letters; they stand on one line.
  baseline: "alphabetic",
} satisfies PDFKit.Mixins.TextOptions;

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** Runs from left to right; a line that begins in a script from right to left begins at the right. */
function inReadingOrder(text: string) {
  const runs = fontRuns(text);
  const first = runs[0];
  return first !== undefined && RIGHT_TO_LEFT.test(first.text) ? runs.toReversed() : runs;
}
