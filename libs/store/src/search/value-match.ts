import { type RawBuilder, sql } from "kysely";

/** What a search asks of one attribute (PS3.4 C.2.2.2). */
export type ValueMatch =
  | { readonly kind: "any" }
  | { readonly kind: "equals"; readonly values: readonly string[] }
  /** `*` stands for any text and `?` for one character. */
  | { readonly kind: "like"; readonly values: readonly string[] }
  /** Names, folded by us, in any component group or in those that they name. */
  | { readonly kind: "name"; readonly names: readonly string[] }
  /** Both ends belong to it; null is open. */
  | { readonly kind: "range"; readonly from: string | null; readonly to: string | null };

/** A condition on `value`, an SQL expression of type text. */
export function matchesValue(value: RawBuilder<unknown>, match: ValueMatch): RawBuilder<boolean> {
  switch (match.kind) {
    case "any":
      return sql<boolean>`true`;
    case "equals":
      return sql<boolean>`${value} = ANY(${[...match.values]}::text[])`;
    case "like":
      return sql<boolean>`${value} LIKE ANY(${match.values.map(likePattern)}::text[])`;
    case "name":
      throw new TypeError("only the names of a study are matched as names");
    case "range":
      return within(value, match.from, match.to);
  }
}

/** Digits sort by their bytes, whatever the database's collation. */
function within(
  value: RawBuilder<unknown>,
  from: string | null,
  to: string | null,
): RawBuilder<boolean> {
  const above = from === null ? sql`true` : sql`(${value}) COLLATE "C" >= ${from}`;
  const below = to === null ? sql`true` : sql`(${value}) COLLATE "C" <= ${to}`;
  return sql<boolean>`(${value} <> '' AND ${above} AND ${below})`;
}

/** A DICOM wildcard as a LIKE pattern; what LIKE finds special is escaped. */
function likePattern(text: string): string {
  return text
    .replace(/[\\%_]/g, "\\$&")
    .replaceAll("*", "%")
    .replaceAll("?", "_");
}
