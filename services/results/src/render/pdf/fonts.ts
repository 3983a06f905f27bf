import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, type Font } from "fontkit";
import { openTypeOf } from "./woff.ts";

/**
 * Fonts in the order in which they are asked for a character: Noto Sans by script, and UnifontEX,
 * which has a glyph for every character of Unicode's first plane, for all others.
 */
const FILES: readonly string[] = [
  ...["latin", "latin-ext", "greek", "greek-ext", "cyrillic", "cyrillic-ext", "vietnamese"].map(
    (subset) => `@fontsource/noto-sans/files/noto-sans-${subset}-400-normal.woff`,
  ),
  "@fontsource/noto-sans/files/noto-sans-devanagari-400-normal.woff",
  ...["arabic", "armenian", "bengali", "georgian", "hebrew", "tamil", "thai"].map(
    (script) =>
      `@fontsource/noto-sans-${script}/files/noto-sans-${script}-${script}-400-normal.woff`,
  ),
  "@fontsource/unifontex/files/unifontex-latin-400-normal.woff",
];

export interface PageFont {
  readonly name: string;
  readonly bytes: Buffer;
  readonly font: Font;
}

/** Text of one font. */
export interface FontRun {
  readonly font: PageFont;
  readonly text: string;
}

let loaded: readonly PageFont[] | null = null;

function fonts(): readonly PageFont[] {
  loaded ??= FILES.map((file) => {
    const bytes = openTypeOf(readFileSync(fileURLToPath(import.meta.resolve(file))));
    return { name: file, bytes, font: create(bytes) as Font };
  });
  return loaded;
}

/** Blanks, digits and signs belong to every script: they stay with what stands before them. */
const COMMON = /[\p{Script=Common}\p{Script=Inherited}]/u;

/** Splits a line into runs that one font can set. */
export function fontRuns(text: string): FontRun[] {
  const runs: { font: PageFont; text: string }[] = [];
  for (const character of text) {
    const last = runs.at(-1);
    const font = fontOf(character, last?.font);
    if (last !== undefined && last.font === font) last.text += character;
    else runs.push({ font, text: character });
  }
  return runs;
}

function fontOf(character: string, before: PageFont | undefined): PageFont {
  const has = (one: PageFont) => one.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0);
  if (before !== undefined && COMMON.test(character) && has(before)) return before;
  const all = fonts();
  const found = all.find(has) ?? all.at(-1);
  if (found === undefined) throw new Error("no fonts");
  return found;
}
