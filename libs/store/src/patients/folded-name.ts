/** Letters that no decomposition reduces to A–Z. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  þ: "th",
  ı: "i",
  ς: "σ",
};
/** A Latin or Greek letter with its accents; й and ё are letters of their own. */
const ACCENTED = /([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+/gu;
const GROUPS = 3;
const GRAM_LENGTHS = [2, 3];

/**
 * Text in the form in which names are compared: without case, accents of Latin and Greek letters,
 * width and composition. It is always computed here, because a database's rules depend on its
 * locale.
 */
export function foldedText(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(ACCENTED, "$1")
    .replace(/./gu, (letter) => LETTERS[letter] ?? letter)
    .normalize("NFKC");
}

/**
 * A name's component groups (PS3.5 section 6.2.1) folded, as `=alphabetic=ideographic=phonetic=`.
 */
export function foldedName(groups: readonly (string | undefined)[]): string {
  const folded = Array.from({ length: GROUPS }, (_, at) => foldedGroup(groups[at] ?? ""));
  return `=${folded.join("=")}=`;
}

/** `DOE^JOHN^^` and `DOE^JOHN` are the same name. */
function foldedGroup(group: string): string {
  return foldedText(group.replaceAll("=", " ").trim()).replace(/\^+$/, "");
}

/** Every piece of two or three letters, each once: the index finds names by them. */
export function gramsOf(folded: string): string[] {
  const letters = [...folded];
  const grams = new Set<string>();
  for (const length of GRAM_LENGTHS) {
    for (let at = 0; at + length <= letters.length; at += 1) {
      grams.add(letters.slice(at, at + length).join(""));
    }
  }
  return [...grams].filter((gram) => /[^=]/.test(gram));
}

/** A name that is searched for. */
export interface NamePattern {
  /** A regular expression of Postgres over a folded name. */
  readonly expression: string;
  /** Pieces that every match contains; none if the pattern is too short. */
  readonly grams: readonly string[];
}

/**
 * `text` as a pattern, with the wildcards `*` and `?`. A name without `=` matches in any group;
 * `A=B` matches the groups by position, and an empty group matches anything.
 */
export function namePattern(text: string): NamePattern {
  const groups = text.split("=").slice(0, GROUPS).map(foldedGroup);
  const placed = groups.length > 1 ? groups.map((group) => (group === "" ? "*" : group)) : groups;
  const pattern = `=${placed.join("=")}=`;
  const start = groups.length > 1 ? "^" : "";
  const longest = pattern.split(/[*?]/).flatMap(longestGrams);
  return { expression: start + expressionOf(pattern), grams: [...new Set(longest)] };
}

/** The three-letter pieces of a stretch without wildcards, or the two letters that it has. */
function longestGrams(stretch: string): string[] {
  const size = [...stretch].length;
  const wanted = size > 2 ? 3 : 2;
  return gramsOf(stretch).filter((gram) => [...gram].length === wanted);
}

function expressionOf(pattern: string): string {
  return pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", "[^=]*")
    .replaceAll("?", "[^=]");
}
