import { describe, expect, test } from "vitest";
import { foldedName, foldedText, gramsOf, namePattern } from "../../src/patients/folded-name.ts";

test.each([
  ["MÜLLER", "müller"],
  ["Müller", "Mu\u0308ller"],
  ["Müller", "muller"],
  ["ИВАНОВ", "иванов"],
  ["Ångström", "ANGSTROM"],
  ["STRAẞE", "strasse"],
  ["Ιωάννης", "ΙΩΑΝΝΗΣ"],
  ["ﾔﾏﾀﾞ", "ヤマダ"],
])("%s and %s are the same", (a, b) => {
  expect(foldedText(a)).toBe(foldedText(b));
});

test.each([
  ["Мой", "Мои"],
  ["がん", "かん"],
])("%s and %s are not", (a, b) => {
  expect(foldedText(a)).not.toBe(foldedText(b));
});

describe("a pattern", () => {
  const name = foldedName(["Yamada^Tarou^^", "山田^太郎", "やまだ^たろう"]);
  const matches = (text: string) => {
    const { expression, grams } = namePattern(text);
    const held = new Set(gramsOf(name));
    const found = new RegExp(expression, "u").test(name);
    // An index may only leave out what does not match.
    if (found) expect(grams.filter((gram) => !held.has(gram))).toEqual([]);
    return found;
  };

  test.each([
    "yamada^tarou",
    "YAMADA^TAROU^",
    "yama*",
    "*ada^t*",
    "?amada*",
    "山田^太郎",
    "*太*",
    "山*",
    "yamada^tarou=山田^太郎",
    "=山田*",
    "yamada*==やまだ*",
  ])("%s finds it", (text) => {
    expect(matches(text)).toBe(true);
  });

  test.each([
    "yamada",
    "tarou",
    "yamada*山*",
    "山田^太郎=yamada^tarou",
    "ya.ada^tarou",
    "yamada^tarou=x*",
  ])("%s does not", (text) => {
    expect(matches(text)).toBe(false);
  });
});
