import { type RawBuilder, sql } from "kysely";
import { namePattern } from "../patients/folded-name.ts";
import { PATIENT_NAME } from "../patients/study-names.ts";
import { matchesValue, type ValueMatch } from "./value-match.ts";

const SEARCH_LEVELS = ["study", "series", "instance"] as const;
export type SearchLevel = (typeof SEARCH_LEVELS)[number];

/** An attribute that can be searched for: whose it is, its VR, and how it is compared. */
export interface SearchAttribute {
  readonly level: SearchLevel;
  readonly vr: string;
  readonly condition: (match: ValueMatch) => RawBuilder<boolean>;
}

/** Attributes that are kept as DICOM JSON with their study or series, and their VR. */
export const KEPT_STUDY_ATTRIBUTES: Readonly<Record<string, string>> = {
  "00080020": "DA",
  "00080030": "TM",
  "00080050": "SH",
  "00080090": "PN",
  "00080201": "SH",
  "00081030": "LO",
  "00100010": "PN",
  "00100020": "LO",
  "00100021": "LO",
  "00100030": "DA",
  "00100040": "CS",
  "00101010": "AS",
  "00200010": "SH",
};
export const KEPT_SERIES_ATTRIBUTES: Readonly<Record<string, string>> = {
  "00080021": "DA",
  "00080031": "TM",
  "00080070": "LO",
  "00080080": "LO",
  "0008103E": "LO",
  "00081090": "LO",
  "00180015": "CS",
  "00181030": "LO",
  "00200011": "IS",
  "00200052": "UI",
  "00200060": "CS",
  "00400244": "DA",
  "00400245": "TM",
};

/** Facts of an instance that are DICOM attributes: VR and the fact's name. */
const INSTANCE_FACTS: Readonly<Record<string, readonly [vr: string, fact: string]>> = {
  "00200013": ["IS", "instanceNumber"],
  "00280008": ["IS", "frames"],
  "00280010": ["US", "rows"],
  "00280011": ["US", "columns"],
  "00280100": ["US", "bitsAllocated"],
};

const COLUMNS: Readonly<Record<string, readonly [SearchLevel, vr: string, column: string]>> = {
  "0020000D": ["study", "UI", "study.study_uid"],
  "0020000E": ["series", "UI", "series.series_uid"],
  "00080060": ["series", "CS", "series.modality"],
  "00080018": ["instance", "UI", "instance.sop_instance_uid"],
  "00080016": ["instance", "UI", "instance.sop_class_uid"],
  "00083002": ["instance", "UI", "instance.transfer_syntax"],
};

const MODALITIES_IN_STUDY = "00080061";
const REQUEST_ATTRIBUTES = "00400275";
/**
 * Requested procedure, scheduled step and accession number: (0040,1001), (0040,0009), (0008,0050).
 */
const REQUEST_ITEMS: Readonly<Record<string, string>> = {
  "00401001": "SH",
  "00400009": "SH",
  "00080050": "SH",
};

/**
 * The attribute at `path`, a tag after that of the sequence that holds it. Returns null when it is
 * not kept.
 */
export function searchAttribute(path: readonly string[]): SearchAttribute | null {
  const [tag = "", item] = path;
  if (item !== undefined) return tag === REQUEST_ATTRIBUTES ? requestAttribute(item) : null;
  if (tag === MODALITIES_IN_STUDY) return { level: "study", vr: "CS", condition: modalities };
  const column = COLUMNS[tag];
  if (column) return fromColumn(column);
  const fact = INSTANCE_FACTS[tag];
  if (fact) return fromFact(fact);
  return fromTags("study", tag) ?? fromTags("series", tag);
}

function fromColumn([level, vr, column]: readonly [SearchLevel, string, string]): SearchAttribute {
  return { level, vr, condition: (match) => matchesValue(sql.ref(column), match) };
}

function fromFact([vr, fact]: readonly [vr: string, fact: string]): SearchAttribute {
  const value = sql`(instance.facts ->> ${sql.lit(fact)})`;
  return { level: "instance", vr, condition: (match) => matchesValue(value, match) };
}

function fromTags(level: "study" | "series", tag: string): SearchAttribute | null {
  const kept = level === "study" ? KEPT_STUDY_ATTRIBUTES : KEPT_SERIES_ATTRIBUTES;
  const vr = kept[tag];
  if (vr === undefined) return null;
  const tags = sql.ref(`${level}.tags`);
  return { level, vr, condition: (match) => jsonCondition({ tags, tag, vr }, match) };
}

interface JsonPlace {
  readonly tags: RawBuilder<unknown>;
  readonly tag: string;
  readonly vr: string;
}

function jsonCondition({ tags, tag, vr }: JsonPlace, match: ValueMatch): RawBuilder<boolean> {
  if (match.kind === "name") return nameCondition(tag, match.names);
  const value = sql`(${tags} #>> ${sql.lit(`{${tag},Value,0}`)})`;
  const valid = match.kind === "range" ? VALID[vr] : undefined;
  const condition = matchesValue(vr === "TM" ? filledTime(value) : value, match);
  return valid === undefined ? condition : sql`(${value} ~ ${sql.lit(valid)} AND ${condition})`;
}

/** A value that is not a date or time is in no range. */
const VALID: Readonly<Record<string, string>> = {
  DA: "^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$",
  TM: "^([01][0-9]|2[0-3]):?([0-5][0-9]:?([0-5][0-9](\\.[0-9]{1,6})?)?)?$",
};

/** A study is found by its folded names, and by those of every patient in it. */
function nameCondition(tag: string, names: readonly string[]): RawBuilder<boolean> {
  const found = foundNames(tag, names);
  return tag === PATIENT_NAME
    ? sql<boolean>`(study.id, study.identity_id) IN
        (SELECT named.study_id, named.identity_id ${found})`
    : sql<boolean>`study.id IN (SELECT named.study_id ${found})`;
}

function foundNames(tag: string, names: readonly string[]): RawBuilder<unknown> {
  const matching = names.map(namePattern).map(({ expression, grams }) => {
    const holds = grams.length === 0 ? sql`true` : sql`named.grams @> ${[...grams]}::text[]`;
    return sql`(${holds} AND named.name ~ ${expression})`;
  });
  return sql`FROM study_name AS named
    WHERE named.tag = ${sql.lit(tag)} AND (${sql.join(matching, sql` OR `)})`;
}

/** The ids of studies of which a patient's name matches, as a subquery; names may have wildcards. */
export function namesLike(names: readonly string[]): RawBuilder<unknown> {
  return sql`SELECT named.study_id ${foundNames(PATIENT_NAME, names)}`;
}

/** Times are as precise as their sender wrote them; ten and thirteen characters do not compare. */
function filledTime(value: RawBuilder<unknown>): RawBuilder<unknown> {
  const digits = sql`replace(${value}, ':', '')`;
  return sql`rpad(CASE WHEN position('.' in ${digits}) > 0 THEN ${digits}
    ELSE rpad(${digits}, 6, '0') || '.' END, 13, '0')`;
}

function modalities(match: ValueMatch): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (SELECT FROM series AS held
    WHERE held.study_id = study.id AND ${matchesValue(sql`held.modality`, match)})`;
}

function requestAttribute(item: string): SearchAttribute | null {
  const vr = REQUEST_ITEMS[item];
  if (vr === undefined) return null;
  const items = sql`jsonb_array_elements(series.tags #> '{00400275,Value}')`;
  const place = { tags: sql`request.item`, tag: item, vr };
  return {
    level: "series",
    vr,
    condition: (match) => sql<boolean>`EXISTS (SELECT FROM ${items} AS request(item)
      WHERE ${jsonCondition(place, match)})`,
  };
}
