import { describe, expect, it } from "vitest";
import { parseCsv } from "../../src/evaluate/csv.ts";

describe("CSV", () => {
  it("is read with quotes, empty cells, any line ends and a byte order mark", () => {
    const text = '\u{feff}file,label\r\n"a ""b"", c.png", glioma \nlast.png,\n';
    expect(parseCsv(text)).toEqual([
      { file: 'a "b", c.png', label: "glioma" },
      { file: "last.png", label: "" },
    ]);
  });

  it("has no rows when it is empty", () => {
    expect(parseCsv("")).toEqual([]);
    expect(parseCsv("file,label\n")).toEqual([]);
  });
});
