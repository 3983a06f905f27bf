import { DEFAULT_STACK_CHOICES, type StackChoice } from "@axial/contracts";
import { type Places, placesOf, type Slice, stacksOf } from "@axial/dicom";

/** Parallel slices of one kind, and their places in order. */
export interface Stack {
  readonly slices: readonly Slice[];
  readonly places: Places<Slice>;
}

/** The stacks that slices form. */
export function stacksWithPlaces(slices: readonly Slice[]): Stack[] {
  return stacksOf(slices).map((members) => ({ slices: members, places: placesOf(members) }));
}

/** An image by itself, for models that answer for each. */
export function stackOfOne(slice: Slice): Stack {
  return { slices: [slice], places: placesOf([slice]) };
}

/** Images in the order of their numbers, each picture once: an export repeats some. */
export function withoutCopies(slices: readonly Slice[]): {
  readonly slices: readonly Slice[];
  readonly copies: number;
} {
  const pictures = new Map<string, Slice>();
  for (const slice of slices.toSorted(byNumber)) {
    const { pixelChecksum, rows, columns, sopInstanceUid } = slice.instance;
    const pixels = pixelChecksum === undefined ? sopInstanceUid : `${pixelChecksum}`;
    const picture = [pixels, rows, columns, slice.frame, slice.laterality].join(" ");
    if (!pictures.has(picture)) pictures.set(picture, slice);
  }
  return { slices: [...pictures.values()], copies: slices.length - pictures.size };
}

function byNumber(a: Slice, b: Slice): number {
  const number = ({ instance }: Slice) => instance.instanceNumber ?? Number.MAX_SAFE_INTEGER;
  const uid = ({ instance }: Slice) => instance.sopInstanceUid;
  return (
    number(a) - number(b) || (uid(a) < uid(b) ? -1 : Number(uid(a) > uid(b))) || a.frame - b.frame
  );
}

const SIDES = ["L", "R"];

/** Whether stacks are the two sides of a paired part, one of each. */
export function areSides(stacks: readonly Stack[]): boolean {
  const sides = stacks.map(({ slices: [slice] }) => slice?.laterality ?? "");
  return new Set(sides).size === stacks.length && sides.every((side) => SIDES.includes(side));
}

/** One stack has at least so many times as many places as every other. */
const DOMINANCE = 2;

/** The stacks that `choices` leave (see `StackChoice`): one, or those that they cannot tell apart. */
export function chooseStack(
  stacks: readonly Stack[],
  choices: readonly StackChoice[] = DEFAULT_STACK_CHOICES,
): readonly Stack[] {
  return choices.reduce((left, choice) => (left.length > 1 ? STEPS[choice](left) : left), stacks);
}

type Step = (stacks: readonly Stack[]) => readonly Stack[];

const STEPS: Readonly<Record<StackChoice, Step>> = {
  "shortest-echo": (stacks) => extreme(stacks, ({ echoTime }) => echoTime),
  "longest-echo": (stacks) => extreme(stacks, ({ echoTime }) => negative(echoTime)),
  "lowest-b-value": (stacks) => extreme(stacks, ({ diffusionBValue }) => diffusionBValue),
  "highest-b-value": (stacks) => extreme(stacks, (slice) => negative(slice.diffusionBValue)),
  "first-time": (stacks) => extreme(stacks, timeOf),
  "last-time": (stacks) => extreme(stacks, (slice) => negative(timeOf(slice))),
  dominant,
};

function negative(value: number | null): number | null {
  return value === null ? null : -value;
}

function timeOf({ temporalPosition, acquisitionNumber }: Slice): number | null {
  return temporalPosition ?? acquisitionNumber;
}

/** Those of the lowest value; all of them where one has none. */
function extreme(stacks: readonly Stack[], read: (slice: Slice) => number | null) {
  const values = stacks.map(({ slices: [slice] }) => (slice === undefined ? null : read(slice)));
  if (values.includes(null)) return stacks;
  const lowest = Math.min(...values.map((value) => value ?? 0));
  return stacks.filter((_, index) => values[index] === lowest);
}

function dominant(stacks: readonly Stack[]): readonly Stack[] {
  const size = ({ places }: Stack) => places.slices.length;
  const [first, second] = stacks.toSorted((a, b) => size(b) - size(a));
  if (first === undefined || second === undefined) return stacks;
  return size(first) >= DOMINANCE * size(second) ? [first] : stacks;
}
