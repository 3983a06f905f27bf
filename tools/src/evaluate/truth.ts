import { AxialError, type Head, type ModelPackage } from "@axial/contracts";
import type { LabelledImage } from "./labelled-images.ts";

/** A head or marginal, and for each image the index of its true label. */
export interface Truth {
  readonly name: string;
  readonly kind: "head" | "marginal";
  readonly ordinal: boolean;
  readonly labels: readonly { readonly id: string; readonly display: string }[];
  readonly indices: readonly number[];
}

type Labels = Truth["labels"];

/**
 * The true labels of each image, for every labelled head and its marginals. Throws
 * `invalid-request` when no head is labelled.
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
  const values = columnsFor(head, images, single).find((column) =>
    column.every((value) => indexOf(head.labels, value) !== -1),
  );
  if (values === undefined) return [];
  const indices = values.map((value) => indexOf(head.labels, value));
  const { name, ordinal, labels } = head;
  const marginals = (head.marginals ?? []).map((marginal): Truth => {
    const sums = indices.map((index) =>
      marginal.labels.findIndex(({ of }) => of.includes(labels[index]?.id ?? "")),
    );
    return { ...marginal, kind: "marginal", ordinal: false, indices: sums };
  });
  return [{ name, kind: "head", ordinal, labels, indices }, ...marginals];
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
