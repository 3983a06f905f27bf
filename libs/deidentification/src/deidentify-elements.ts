import {
  type DataSet,
  type DicomInstance,
  dictionaryEntry,
  type Element,
  explicitVr,
  littleEndianValue,
  Tag,
  writeElement,
  writeItems,
} from "@axial/dicom";
import { cleanDescriptor } from "./clean-descriptor.ts";
import { cleanCode, isCode } from "./code-items.ts";
import { dummyValue } from "./dummy-values.ts";
import type { DeidentifyOptions } from "./options.ts";
import { type ProfileEntry, profileEntry } from "./profile-table.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { SafePrivate } from "./safe-private.ts";
import { shiftDate } from "./shift-dates.ts";

const PATIENT_NAME = 0x0010_0010;
const PATIENT_ID = 0x0010_0020;
const TEXT_VRS = new Set(["LO", "LT", "SH", "ST", "UC", "UT"]);

/** What is the same for all elements of one instance. */
export interface Subject {
  readonly instance: DicomInstance;
  readonly pseudonyms: Pseudonyms;
  readonly dates: DeidentifyOptions["dates"];
  /** How many days its patient's dates move back. */
  readonly shiftDays: number;
  /** Stands for the patient's name and number. */
  readonly patient: string;
  /** Words of names and numbers, which no descriptor keeps. */
  readonly identifying: ReadonlySet<string>;
}

/** What becomes of an element: nothing of it, a value, or a sequence of items. */
type Outcome =
  | { readonly status: "removed" }
  | { readonly status: "value"; readonly vr: string; readonly value: Buffer }
  | { readonly status: "items"; readonly items: readonly Iterable<Buffer>[] };

const REMOVED: Outcome = { status: "removed" };

/**
 * The elements of `dataset`, each as the profile wants it, in Explicit VR Little Endian; pixel data
 * and what follows are left out. Recursive. Elements that PS3.6 does not know are removed.
 */
export function* deidentifyElements(
  dataset: DataSet,
  subject: Subject,
  replace: ReadonlyMap<number, Buffer> = new Map(),
): Generator<Buffer> {
  const privates = new SafePrivate(dataset, subject.instance.dataset);
  const tags = new Set([...dataset.elements.keys(), ...replace.keys()]);
  for (const tag of [...tags].sort((a, b) => a - b)) {
    if (tag >= Tag.PixelData || (tag & 0xffff) === 0) continue;
    const replaced = replace.get(tag);
    const element = dataset.elements.get(tag);
    if (replaced !== undefined) yield replaced;
    else if (element !== undefined) yield* written(tag, judge(dataset, element, privates, subject));
  }
}

function* written(tag: number, outcome: Outcome): Generator<Buffer> {
  if (outcome.status === "value") yield writeElement(tag, outcome.vr, outcome.value);
  if (outcome.status === "items") yield* writeItems(tag, outcome.items);
}

function judge(
  dataset: DataSet,
  element: Element,
  privates: SafePrivate,
  subject: Subject,
): Outcome {
  const { tag } = element;
  if ((tag & 0x1_0000) !== 0)
    return privates.keeps(tag) ? kept(dataset, element, subject) : REMOVED;
  const entry = profileEntry(tag);
  if (entry !== null) return applied(entry, dataset, element, subject);
  return dictionaryEntry(tag) === null ? REMOVED : kept(dataset, element, subject);
}

function kept(dataset: DataSet, element: Element, subject: Subject): Outcome {
  if (element.items !== null) {
    return {
      status: "items",
      items: element.items.map((item) => deidentifyElements(item, subject)),
    };
  }
  const vr = explicitVr(subject.instance, element);
  return { status: "value", vr, value: littleEndianValue(dataset, element) };
}

function applied(
  entry: ProfileEntry,
  dataset: DataSet,
  element: Element,
  subject: Subject,
): Outcome {
  const { tag, vr } = element;
  if (tag === PATIENT_NAME || tag === PATIENT_ID) return text(vr, subject.patient);
  return (
    (entry.temporal ? retained(dataset, element, subject) : null) ??
    (entry.descriptor ? cleaned(entry, dataset, element, subject) : null) ??
    basic(entry, dataset, element, subject)
  );
}

/** Retain Longitudinal Temporal Information; null for what it cannot keep. */
function retained(dataset: DataSet, element: Element, subject: Subject): Outcome | null {
  const { tag, vr } = element;
  if (subject.dates === "full" || vr === "TM") return kept(dataset, element, subject);
  if (vr !== "DA" && vr !== "DT") return null;
  const shifted = dataset.strings(tag).map((value) => shiftDate(value, subject.shiftDays));
  return shifted.some((value) => value === "") ? null : text(vr, shifted.join("\\"));
}

/** Clean Descriptors; null for what it cannot clean, and where nothing is left. */
function cleaned(
  entry: ProfileEntry,
  dataset: DataSet,
  element: Element,
  subject: Subject,
): Outcome | null {
  const { tag, vr, items } = element;
  if (items !== null) {
    if (!items.every(isCode)) return null;
    const codes = items.flatMap((item) => cleanCode(item, subject.identifying) ?? []);
    return codes.length === 0 ? null : { status: "items", items: codes.map((code) => [code]) };
  }
  if (!TEXT_VRS.has(vr)) return null;
  const words = cleanDescriptor(dataset.text(tag) ?? "", subject.identifying);
  const isEmpty = words.replaceAll("\\", "") === "";
  return isEmpty && entry.action !== "Z" ? null : text(vr, isEmpty ? "" : words);
}

/** The Basic Profile. Of several actions the one that every IOD allows. */
function basic(
  { action }: ProfileEntry,
  dataset: DataSet,
  element: Element,
  subject: Subject,
): Outcome {
  switch (action) {
    case "X":
      return REMOVED;
    case "Z":
    case "X/Z":
      return element.items === null ? text(element.vr, "") : { status: "items", items: [] };
    case "X/Z/U*":
      return {
        status: "items",
        items: (element.items ?? []).map((item) => references(item, subject)),
      };
    case "U":
      return replacedUids(dataset, element, subject);
    case "D":
    case "Z/D":
    case "X/D":
    case "X/Z/D":
      return dummy(dataset, element, subject);
    default:
      return action satisfies never;
  }
}

/** What of an item refers to objects: UIDs, numbers of frames, and codes for their purpose. */
function* references(item: DataSet, subject: Subject): Generator<Buffer> {
  for (const element of [...item.elements.values()].sort((a, b) => a.tag - b.tag)) {
    const { tag, vr, items } = element;
    const refers = vr === "UI" || vr === "IS" || (items?.every(isCode) ?? false);
    const isStandard = (tag & 0x1_0000) === 0 && dictionaryEntry(tag) !== null;
    if (!refers || !isStandard) continue;
    const entry = profileEntry(tag);
    if (items !== null) {
      const codes = items.flatMap((code) => cleanCode(code, subject.identifying) ?? []);
      yield* writeItems(
        tag,
        codes.map((code) => [code]),
      );
    } else {
      const outcome =
        entry === null ? kept(item, element, subject) : basic(entry, item, element, subject);
      yield* written(tag, outcome);
    }
  }
}

function replacedUids(dataset: DataSet, { tag, vr }: Element, { pseudonyms }: Subject): Outcome {
  const uids = dataset.strings(tag).map((uid) => (uid === "" ? "" : pseudonyms.uid(uid)));
  return text(vr, uids.join("\\"));
}

function dummy(dataset: DataSet, element: Element, subject: Subject): Outcome {
  if (element.items !== null) {
    const [first] = element.items;
    return { status: "items", items: first === undefined ? [] : [dummyItem(first, subject)] };
  }
  if (element.vr === "UI") return replacedUids(dataset, element, subject);
  return { status: "value", vr: element.vr, value: dummyValue(element.vr) };
}

/** The shape of an item with nothing of its content: terms of the standard (CS) stay. */
function* dummyItem(item: DataSet, subject: Subject): Generator<Buffer> {
  for (const element of [...item.elements.values()].sort((a, b) => a.tag - b.tag)) {
    const { tag } = element;
    const isStandard = (tag & 0x1_0000) === 0 && dictionaryEntry(tag) !== null;
    if (!isStandard || (tag & 0xffff) === 0) continue;
    const entry = profileEntry(tag);
    if (entry?.action === "X") continue;
    const isTerm = element.vr === "CS" && entry === null;
    yield* written(tag, isTerm ? kept(item, element, subject) : dummy(item, element, subject));
  }
}

function text(vr: string, value: string): Outcome {
  return { status: "value", vr, value: Buffer.from(value, "latin1") };
}
