import { readFile } from "node:fs/promises";
import type { Backup } from "@axial/contracts";
import type { Command } from "commander";
import { type BackupSeal, openWith, sealFor } from "../backup/backup-cipher.ts";
import { createBackup } from "../backup/create-backup.ts";
import { demandInstallation, openInstallation } from "../backup/installation.ts";
import { restoreBackup } from "../backup/restore-backup.ts";
import { DEFAULT_DATA } from "../defaults.ts";
import { type Progress, printJson, printLine, progressBar } from "../output.ts";

interface BackupFlags {
  readonly out: string;
  readonly blobs: boolean;
  readonly recipient?: string[];
  readonly data: string;
  readonly json: boolean;
}

interface RestoreFlags {
  readonly from: string;
  readonly identity?: string;
  readonly data: string;
  readonly json: boolean;
}

export function registerBackup(program: Command): void {
  const both = (command: Command) =>
    command
      .option("--data <folder>", "data folder, unless AXIAL_DATABASE_URL is set", DEFAULT_DATA)
      .option("--json", "print one JSON document", false);
  both(
    program
      .command("backup")
      .description("save database and blobs into a folder, while Axial runs")
      .requiredOption("--out <folder>", "a new or empty folder")
      .option("--no-blobs", "only list the blobs, for a store that is backed up separately")
      .option("--recipient <age1…...>", "encrypt for these (or AXIAL_BACKUP_RECIPIENTS)"),
  ).action(backup);
  both(
    program
      .command("restore")
      .description("restore a backup into an empty database and a blob store")
      .requiredOption("--from <folder>", "what `axial backup` wrote")
      .option("--identity <file>", "what decrypts it, as age-keygen writes it"),
  ).action(restore);
}

async function backup({ out, data, json, ...flags }: BackupFlags): Promise<void> {
  demandInstallation(data, process.env);
  const seal = recipientsOf(flags.recipient, process.env);
  const installation = await openInstallation(data, process.env);
  const bar = lazyBar("blobs");
  try {
    report(
      await createBackup({
        ...installation,
        ...{ folder: out, copyBlobs: flags.blobs, onBlob: bar.onBlob },
        ...(seal === null ? {} : { seal }),
      }),
      json,
    );
  } finally {
    bar.done();
    await installation.close();
  }
}

async function restore({ from, identity, data, json }: RestoreFlags): Promise<void> {
  const open = identity === undefined ? {} : { open: openWith(await identitiesIn(identity)) };
  const installation = await openInstallation(data, process.env);
  const bar = lazyBar("blobs");
  try {
    report(
      await restoreBackup({ ...installation, ...open, folder: from, onBlob: bar.onBlob }),
      json,
    );
  } finally {
    bar.done();
    await installation.close();
  }
}

/** Recipients that can decrypt the backup; null leaves it unencrypted. */
function recipientsOf(
  named: readonly string[] | undefined,
  { AXIAL_BACKUP_RECIPIENTS = "" }: NodeJS.ProcessEnv,
): BackupSeal | null {
  const recipients = named ?? AXIAL_BACKUP_RECIPIENTS.split(",").filter(Boolean);
  return recipients.length === 0 ? null : sealFor(recipients);
}

/** The lines of a file of age that are not comments. */
async function identitiesIn(path: string): Promise<string[]> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** A progress bar that starts when the total is known. */
function lazyBar(what: string): { onBlob: (total: number) => void; done: () => void } {
  let bar: Progress | undefined;
  return {
    onBlob: (total) => {
      bar ??= progressBar(what, total);
      bar.advance(1);
    },
    done: () => bar?.done(),
  };
}

/** Unsaved blobs make the command fail: the store needs attention. */
function report({ createdAt, migration, tables, blobs }: Backup, json: boolean): void {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const missing = blobs.missing.length;
  if (json) printJson({ createdAt, migration, rows, blobs: blobs.count, missing });
  else {
    printLine(`${rows} rows and ${blobs.count - missing} blobs as of ${createdAt} (${migration})`);
    if (missing > 0)
      printLine(`${missing} blobs are missing or corrupt: see blobs.missing in backup.json`);
  }
  if (missing > 0) process.exitCode = 1;
}
