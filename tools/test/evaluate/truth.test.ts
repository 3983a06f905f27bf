import type { Head, ModelPackage } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import type { LabelledImage } from "../../src/evaluate/labelled-images.ts";
import { truthOf } from "../../src/evaluate/truth.ts";

const labels = (...ids: string[]) => ids.map((id) => ({ id, display: id.toUpperCase() }));

function head(name: string, ...ids: string[]): Head {
  return { name, output: name, kind: "softmax", ordinal: false, labels: labels(...ids) };
}

function images(...rows: Record<string, string>[]): LabelledImage[] {
  return rows.map((columns, index) => ({
    path: `${index}.png`,
    kind: "image",
    row: index + 2,
    columns,
  }));
}

const model = (...heads: Head[]) => ({ heads }) as ModelPackage;

describe("the truth of labelled images", () => {
  it("is in the column of the head's name, or in any for a model of one head", () => {
    const one = model(head("grade", "grade-0", "grade-1"));
    expect(truthOf(one, images({ file: "a", grade: "grade-1" }))[0]?.indices).toEqual([1]);
    const numbered = truthOf(
      one,
      images({ file: "a", kl_grade: "1" }, { file: "b", kl_grade: "0" }),
    );
    expect(numbered[0]?.indices).toEqual([1, 0]);
  });

  it("is put together from the parts of the head's name, and summed for marginals", () => {
    const both: Head = {
      ...head("tumour-plane", "glioma-axial", "none-axial", "none-coronal"),
      marginals: [
        {
          name: "plane",
          labels: [
            { id: "axial", display: "Axial", of: ["glioma-axial", "none-axial"] },
            { id: "coronal", display: "Coronal", of: ["none-coronal"] },
          ],
        },
      ],
    };
    const truths = truthOf(
      model(both),
      images({ tumour: "none", plane: "coronal" }, { tumour: "glioma", plane: "axial" }),
    );
    expect(truths.map(({ name, indices }) => [name, indices])).toEqual([
      ["tumour-plane", [2, 0]],
      ["plane", [1, 0]],
    ]);
  });

  it("never takes one head's column for another's", () => {
    const two = model(head("left", "normal", "severe"), head("right", "normal", "severe"));
    const truths = truthOf(two, images({ file: "a", right: "severe" }));
    expect(truths.map(({ name }) => name)).toEqual(["right"]);
  });

  it("names the rows whose labels the head does not have, and leaves out those without one", () => {
    const one = model(head("grade", "grade-0", "grade-1"));
    const rows = images({ grade: "0" }, { grade: "grade-7" }, { grade: "" }, { grade: "two" });
    expect(() => truthOf(one, rows)).toThrow(/row 3 \(1.png\): "grade-7", row 5 \(3.png\): "two"$/);
    const [found] = truthOf(one, images({ grade: "0" }, { grade: "" }));
    expect(found?.indices).toEqual([0, -1]);
  });

  it("says which labels there are when the images have others", () => {
    const one = model(head("grade", "grade-0", "grade-1"));
    expect(() => truthOf(one, images({ label: "cat" }))).toThrow("grade (grade-0, grade-1)");
  });
});
