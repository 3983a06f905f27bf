import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Deidentifier } from "@axial/deidentification";
import type { Command } from "commander";
import {
  type DeidentifyFlags,
  openDeidentifier,
  withDeidentifyFlags,
} from "../deidentify/deidentify-options.ts";
import { writeDeidentified } from "../deidentify/write-deidentified.ts";
import type { Content } from "../files/content.ts";
import { shownItem } from "../files/file-name.ts";
import { readFound } from "../files/read-found.ts";
import { folderMemory, walk } from "../files/walk.ts";
import { printJson, printLine } from "../output.ts";

interface Flags extends DeidentifyFlags {
  readonly json: boolean;
}

interface Report {
  written: number;
  notDicom: number;
  readonly refused: { file: string; code: string }[];
}

export function registerDeidentify(program: Command): void {
  const command = program
    .command("deidentify")
    .description("write copies of DICOM files without their patients (PS3.15 Annex E)")
    .argument("<in>", "a file, an archive or a folder of them")
    .argument("<out>", "folder for the copies");
  withDeidentifyFlags(command)
    .option("--json", "print one JSON document", false)
    .action(deidentify);
}

async function deidentify(from: string, to: string, flags: Flags): Promise<void> {
  const { deidentifier, keyIsNew } = await openDeidentifier(flags);
  const report = await writeAll(from, to, deidentifier);
  const { written, notDicom, refused } = report;
  if (flags.json) printJson({ ...report, keyIsNew });
  else {
    if (keyIsNew) printLine(`a new key is in ${flags.keyFile}: keep it, and keep it secret`);
    printLine(`${written} written, ${refused.length} refused, ${notDicom} files not DICOM`);
    for (const { file, code } of refused) printLine(`${file}  refused: ${code}`);
  }
  if (refused.length > 0) process.exitCode = 1;
}

async function writeAll(from: string, to: string, deidentifier: Deidentifier): Promise<Report> {
  const report: Report = { written: 0, notDicom: 0, refused: [] };
  for await (const found of walk(Buffer.from(resolve(from)), folderMemory())) {
    for await (const item of readFound(found)) {
      const file = shownItem(item.name);
      if (item.status === "instance") {
        const one = await writeDeidentified(await wholeOf(item.content), deidentifier, to);
        await item.content.release();
        if (one.status === "written") report.written += 1;
        else report.refused.push({ file, code: one.code });
      } else if (item.code === "not-dicom" || item.code === "dicomdir") report.notDicom += 1;
      else report.refused.push({ file, code: item.code });
    }
  }
  return report;
}

function wholeOf({ head, file }: Content): Buffer | Promise<Buffer> {
  return file === null ? head : readFile(file);
}
