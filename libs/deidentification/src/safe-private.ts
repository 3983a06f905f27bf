import type { DataSet } from "@axial/dicom";
import { SAFE_PRIVATE_LINES } from "./safe-private-data.ts";

const CHARACTERISTICS = 0x0008_0300;
const GROUP = 0x0008_0301;
const CREATOR = 0x0008_0302;
const STATUS = 0x0008_0303;
const NONIDENTIFYING = 0x0008_0304;

/** `creator/group/element` of the table. */
const SAFE = new Set(
  SAFE_PRIVATE_LINES.split("\n").flatMap((line) => {
    const [creator = "", elements = ""] = line.split(": ");
    return elements.split(" ").map((element) => `${creator}/${element.replace(",", "/")}`);
  }),
);

/** Which private elements of a data set may stay: Retain Safe Private Option (PS3.15 E.3.10). */
export class SafePrivate {
  readonly #dataset: DataSet;
  readonly #declared: (name: string, group: number, element: number) => boolean;

  /** `root` is the whole data set: it says what its writer declared of private blocks. */
  constructor(dataset: DataSet, root: DataSet) {
    this.#dataset = dataset;
    this.#declared = declaredSafe(root);
  }

  /** True for an element that is safe, and for the creator of a block with one. */
  keeps(tag: number): boolean {
    const element = tag & 0xffff;
    if (element >= 0x1000) return this.#isSafe(tag);
    if (element < 0x10 || element > 0xff) return false;
    const block = ((tag & 0xffff_0000) >>> 0) + element * 0x100;
    return [...this.#dataset.elements.keys()].some(
      (other) => other >= block && other < block + 0x100 && this.#isSafe(other),
    );
  }

  #isSafe(tag: number): boolean {
    const group = tag >>> 16;
    const creator = this.#dataset.string(group * 0x1_0000 + ((tag >>> 8) & 0xff));
    if (creator === null) return false;
    const element = tag & 0xff;
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
    const name = `${creator}/${hex(group, 4)}/${hex(element, 2)}`;
    return SAFE.has(name) || this.#declared(creator, group, element);
  }
}

/** What Private Data Element Characteristics (PS3.3 C.12.1.1.7) says. */
function declaredSafe(root: DataSet) {
  const blocks = root.items(CHARACTERISTICS).map((item) => ({
    group: item.int(GROUP),
    creator: item.string(CREATOR),
    status: item.string(STATUS),
    nonidentifying: item.numbers(NONIDENTIFYING),
  }));
  return (creator: string, group: number, element: number): boolean =>
    blocks.some(
      (block) =>
        block.group === group &&
        block.creator === creator &&
        (block.status === "SAFE" ||
          (block.status === "MIXED" && block.nonidentifying.includes(element))),
    );
}
