import { spawnSync } from "node:child_process";
import { needs } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { fontRuns } from "../../src/render/pdf/fonts.ts";
import { renderPdf } from "../../src/render/pdf/render-pdf.ts";
import { sampleReport } from "../support/report.ts";

/** A name of each script, and the font that sets it. */
const NAMES: readonly (readonly [string, string, RegExp])[] = [
  ["Latin", "Müller", /noto-sans-latin/],
  ["Greek", "Παπαδόπουλος", /noto-sans-greek/],
  ["Cyrillic", "Иванов", /noto-sans-cyrillic/],
  ["Arabic, from right to left", "محمد", /noto-sans-arabic/],
  ["Hebrew, from right to left", "כהן", /noto-sans-hebrew/],
  ["Armenian", "Պետրոսյան", /noto-sans-armenian/],
  ["Georgian", "ბერიძე", /noto-sans-georgian/],
  ["Bengali", "রহমান", /noto-sans-bengali/],
  ["Tamil", "குமார்", /noto-sans-tamil/],
  ["Thai", "สมชาย", /noto-sans-thai/],
  ["Chinese and Japanese", "山田", /unifontex/],
  ["Korean", "김", /unifontex/],
];

function pageOf(name: string, pages = 1): Promise<Buffer> {
  const report = sampleReport();
  const tags = { ...report.tags, "00100010": { vr: "PN", Value: [{ Alphabetic: name }] } };
  const findings = Array.from({ length: pages }, () => report.findings).flat();
  return renderPdf({ ...report, tags, findings });
}

function textOf(pdf: Buffer): string {
  const { stdout } = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf });
  return stdout.toString("utf8").normalize("NFKC");
}

const pagesOf = (pdf: Buffer) => pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length;

describe("the page for people", () => {
  it.each(NAMES)("sets %s in one font that has it", (_script, name, font) => {
    const runs = fontRuns(name);
    expect(runs.map(({ text }) => text)).toEqual([name]);
    expect(runs[0]?.font.name).toMatch(font);
  });

  it("sets Devanagari joined: fewer glyphs than characters", () => {
    const [run] = fontRuns("क्षत्रिय");
    expect(run?.font.name).toMatch(/devanagari/);
    const { glyphs } = run?.font.font.layout("क्षत्रिय") ?? { glyphs: [] };
    expect(glyphs.length).toBeGreaterThan(0);
    expect(glyphs.length).toBeLessThan([..."क्षत्रिय"].length);
  });

  it("is one page however much was found, and says how much is left out", async () => {
    const pdf = await pageOf("Many^Findings", 60);
    expect(pagesOf(pdf)).toBe(1);
  });

  it("takes a character beyond the first plane for one, and keeps what stands beside it", async () => {
    const pdf = await pageOf("𠮷野");
    expect(pagesOf(pdf)).toBe(1);
  });
});

describe("pdftotext", needs("poppler"), () => {
  it.each(NAMES)("reads the name in %s", async (_script, name) => {
    const pdf = await pageOf(name);
    expect(pagesOf(pdf)).toBe(1);
    expect(textOf(pdf)).toContain(name);
  });

  it("reads what stands beside a character beyond the first plane", async () => {
    expect(textOf(await pageOf("𠮷野"))).toContain("野");
  });

  it("reads what was found, by which model, and that it is research", async () => {
    const text = textOf(await pageOf("Doe^Jane", 60));
    expect(text).toContain("for research use only");
    expect(text).toContain("Patient: Jane Doe");
    expect(text).toContain("Mass: Present (Present 12.3 %");
    expect(text).toMatch(/tiny-brain 1\.0\.0, evidence research/);
    expect(text).toMatch(/and \d+ more: see the structured report\./);
  });
});
