import { AxialError, type Head, type ModelPackage } from "@axial/contracts";
import { type LabelledImage, listed, placeOf } from "./labelled-images.ts";

/** A head or marginal, and for each image the index of its true label. */
export interface Truth {
  readonly name: string;
  readonly kind: "head" | "marginal";
  readonly ordinal: boolean;
  readonly labels: readonly { readonly id: string; readonly display: string }[];
  readonly indices: readonly number[];
}

/** No label, or none of any part: such an image is not scored for the head. */
const BLANK = /^-*$/;

type Labels = Truth["labels"];

/**
 * The true labels of each image, for every labelled head and its marginals. Throws
 * `invalid-request` when no head is labelled, or where a row has a label that the head does not have.
 */
export function truthOf(model: ModelPackage, images: readonly LabelledImage[]): Truth[] {
  const single = model.heads.length === 1;
  const truths = model.heads.flatMap((head) => headTruths(head, images, single));
  if (truths.length > 0) return truths;
  const heads = model.heads.map((head) => `${head.name} (${idsOf(head.labels)})`).join("; ");
  throw new AxialError("invalid-request", {
    detail: `no image is labelled for any of ${heads}`,
  });
}

function headTruths(head: Head, images: readonly LabelledImage[], single: boolean): Truth[] {
  const known = columnsFor(head, images, single).map((values) => ({
    values,
    indices: values.map((value) => indexOf(head.labels, value)),
  }));
  const best = known.toSorted((a, b) => labelled(b.indices) - labelled(a.indices))[0];
  if (best === undefined || labelled(best.indices) === 0) return [];
  const { indices } = best;
  assertKnown(head, images, best);
  const { name, ordinal, labels } = head;
  const marginals = (head.marginals ?? []).map((marginal): Truth => {
    const sums = indices.map((index) =>
      marginal.labels.findIndex(({ of }) => of.includes(labels[index]?.id ?? "")),
    );
    return { ...marginal, kind: "marginal", ordinal: false, indices: sums };
  });
  return [{ name, kind: "head", ordinal, labels, indices }, ...marginals];
}

function labelled(indices: readonly number[]): number {
  return indices.filter((index) => index !== -1).length;
}

/** Throws `invalid-request` with the rows whose label the head does not have. */
function assertKnown(
  head: Head,
  images: readonly LabelledImage[],
  { values, indices }: { values: readonly string[]; indices: readonly number[] },
): void {
  const strange = images.flatMap((image, at) =>
    indices[at] === -1 && !BLANK.test(values[at] ?? "")
      ? [`${placeOf(image)}: "${values[at] ?? ""}"`]
      : [],
  );
  if (strange.length === 0) return;
  throw new AxialError("invalid-request", {
    detail: `labels that ${head.name} does not have (it has ${idsOf(head.labels)}): ${listed(strange)}`,
  });
}

/**
 * Columns that may hold the head's labels: its own name; its name's parts joined, as
 * `tumour,plane` for "tumour-plane"; and for a model of one head, any other.
 */
function columnsFor(head: Head, images: readonly LabelledImage[], single: boolean): string[][] {
  const names = Object.keys(images[0]?.columns ?? {});
  const values = (parts: readonly string[]) =>
    images.map(({ columns }) => parts.map((part) => columns[part] ?? "").join("-"));
  const own = names.filter((name) => name === head.name || name === head.name.replaceAll("-", "_"));
  const parts = head.name.split("-");
  const joined = parts.every((part) => names.includes(part)) ? [parts] : [];
  const others = single ? ["label", ...names].filter((name) => names.includes(name)) : [];
  return [...own.map((name) => [name]), ...joined, ...others.map((name) => [name])].map(values);
}

/** By id, by words, or for numbered grades by number. */
function indexOf(labels: Labels, value: string): number {
  const wanted = value.toLowerCase();
  const exact = labels.findIndex(
    ({ id, display }) => id === wanted || display.toLowerCase() === wanted,
  );
  if (exact !== -1) return exact;
  return labels.findIndex(({ id }) => /^\d+$/.test(wanted) && id.endsWith(`-${wanted}`));
}

function idsOf(labels: Labels): string {
  return labels.map(({ id }) => id).join(", ");
}
