import { type FileHandle, open } from "node:fs/promises";
import type { BackfillResult } from "@axial/contracts";
import { fileWriter, ParquetWriter } from "hyparquet-writer";
import { csvCell } from "../../csv.ts";
import { COLUMNS } from "./columns.ts";
import { HtmlReport } from "./html-report.ts";

export const EXPORT_FORMATS = ["csv", "ndjson", "parquet", "html"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Takes the rows of an export, a page at a time. */
export interface ResultWriter {
  write(rows: readonly BackfillResult[]): Promise<void>;
  /** Resolves when the file is whole. */
  end(): Promise<void>;
  /** Closes a file that will not be whole. */
  abandon(): Promise<void>;
}

/** Rows that a parquet file keeps together: some megabytes in memory. */
const ROW_GROUP = 10_000;

/** Creates `file` for its owner alone: it names patients. */
export async function openWriter(format: ExportFormat, file: string): Promise<ResultWriter> {
  const handle = await open(file, "w", 0o600);
  switch (format) {
    case "csv":
      await handle.write(`${COLUMNS.map(({ name }) => name).join(",")}\n`);
      return lineWriter(handle, (row) => COLUMNS.map(({ value }) => csvCell(value(row))).join(","));
    case "ndjson":
      return lineWriter(handle, (row) => JSON.stringify(row));
    case "parquet":
      await handle.close();
      return parquetWriter(file);
    case "html":
      return htmlWriter(handle);
  }
}

function lineWriter(file: FileHandle, line: (row: BackfillResult) => string): ResultWriter {
  return {
    write: async (rows) => {
      if (rows.length > 0) await file.write(`${rows.map(line).join("\n")}\n`);
    },
    end: () => file.close(),
    abandon: () => file.close(),
  };
}

function parquetWriter(file: string): ResultWriter {
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: [
      { name: "root", num_children: COLUMNS.length },
      ...COLUMNS.map(({ name, type }) =>
        type === "number"
          ? { name, type: "DOUBLE" as const, repetition_type: "OPTIONAL" as const }
          : {
              ...{ name, type: "BYTE_ARRAY" as const, repetition_type: "OPTIONAL" as const },
              converted_type: "UTF8" as const,
            },
      ),
    ],
  });
  let rows: BackfillResult[] = [];
  const flush = async (): Promise<void> => {
    const columnData = COLUMNS.map(({ name, value }) => ({ name, data: rows.map(value) }));
    if (rows.length > 0) await writer.write({ columnData });
    rows = [];
  };
  return {
    write: async (more) => {
      rows.push(...more);
      if (rows.length >= ROW_GROUP) await flush();
    },
    end: async () => {
      await flush();
      await writer.finish();
    },
    // hyparquet-writer opens and closes the file for each of its writes.
    abandon: async () => {},
  };
}

function htmlWriter(file: FileHandle): ResultWriter {
  const report = new HtmlReport();
  return {
    write: async (rows) => {
      for (const row of rows) report.add(row);
    },
    end: async () => {
      await file.write(report.page());
      await file.close();
    },
    abandon: () => file.close(),
  };
}
