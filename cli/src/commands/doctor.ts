import { mkdtemp, open, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { listModelPackages } from "@axial/inference";
import { readVolume } from "@axial/kit";
import { type Command, Option } from "commander";
import { checkPackage } from "../client/check-package.ts";
import { DEFAULT_DATA, DEFAULT_MODELS, DEFAULT_URL } from "../defaults.ts";
import type { Finding } from "../doctor/finding.ts";
import { gigabytes } from "../doctor/gigabytes.ts";
import { serviceFindings } from "../doctor/service-findings.ts";
import { printJson, printLine } from "../output.ts";
import { openBelow, openToOthers } from "../up/check-privacy.ts";

interface DoctorOptions {
  readonly data: string;
  readonly models: string;
  readonly backups?: string;
  readonly url: string;
  readonly key?: string;
  readonly json: boolean;
}

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "check this machine and the running service, and say what to do; exits 1 for a problem",
    )
    .option("--data <folder>", "data folder", DEFAULT_DATA)
    .addOption(new Option("--backups <folder>", "where backups are").env("AXIAL_BACKUP_FOLDER"))
    .option("--models <folder>", "model packages", process.env.AXIAL_MODELS_DIR ?? DEFAULT_MODELS)
    .addOption(
      new Option("--url <url>", "address of Axial; when given, it has to answer")
        .env("AXIAL_URL")
        .default(DEFAULT_URL),
    )
    .option("--key <key>", "operator's key (or AXIAL_API_KEY, or the one in the data folder)")
    .option("--json", "print one JSON document", false)
    .action(doctor);
}

async function doctor(options: DoctorOptions, command: Command): Promise<void> {
  const isExpected = command.getOptionValueSource("url") !== "default";
  const findings = [
    nodeVersion(),
    processors(),
    await syncedWrites(options.data),
    await privacy(options),
    ...(await models(options.models)),
    await freeDisk(options.data),
    ...(await serviceFindings({ ...options, isExpected })),
  ];
  if (options.json) printJson(findings);
  else {
    for (const finding of findings) {
      printLine(`${verdict(finding).padEnd(7)}  ${finding.check}: ${finding.found}`);
      if (verdict(finding) !== "ok" && finding.action !== undefined) {
        printLine(`         ${finding.action}`);
      }
    }
  }
  if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
}

function verdict({ ok, warning = false }: Finding): "ok" | "warning" | "problem" {
  if (!ok) return "problem";
  return warning ? "warning" : "ok";
}

async function privacy({ data, backups }: DoctorOptions): Promise<Finding> {
  const below = backups === undefined ? [] : await openBelow(backups);
  const open = [...(await openToOthers(data)), ...below];
  return {
    check: "files",
    ok: open.length === 0,
    found:
      open.length === 0 ? "are their owner's alone" : `open to other users: ${open.join(", ")}`,
    action: "chmod -R go-rwx what it names (as root go-rw the data folder itself, without -R)",
  };
}

function nodeVersion(): Finding {
  const ok = Number(process.versions.node.split(".")[0]) >= 24;
  return {
    check: "Node",
    ok,
    found: process.versions.node,
    action: "run `npm run setup`, then `npx axial`: the clone brings Node 24",
  };
}

function processors(): Finding {
  return { check: "processors", ok: true, found: String(availableParallelism()) };
}

/** Below this share PostgreSQL and blobs are about to stop. */
const LEAST_FREE = 0.1;

async function freeDisk(folder: string): Promise<Finding> {
  const action = "make room, or set a retention (docs/OPERATIONS.md)";
  try {
    const { size, free } = await readVolume(resolve(folder, ".."));
    const found = `${gigabytes(free)} free of ${gigabytes(size)} on this machine`;
    return { check: "disk", ok: free / size >= LEAST_FREE, found, action };
  } catch (error) {
    return { check: "disk", ok: false, found: (error as Error).message, action };
  }
}

/** Files of 200 KB, written and synced one after another: the floor of every accepted instance. */
async function syncedWrites(folder: string): Promise<Finding> {
  const parent = resolve(folder, "..");
  const action = "give --data a folder on a local disk that can be written";
  try {
    const scratch = await mkdtemp(join(parent, ".axial-doctor-"));
    try {
      const perSecond = await measureSyncs(scratch);
      return {
        check: "synced writes",
        ok: perSecond > 100,
        found: `${Math.round(perSecond)} files of 200 KB per second, one at a time`,
        action,
      };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  } catch (error) {
    return { check: "synced writes", ok: false, found: (error as Error).message, action };
  }
}

async function measureSyncs(folder: string): Promise<number> {
  const files = 50;
  const content = Buffer.alloc(200_000, 1);
  const start = performance.now();
  for (let index = 0; index < files; index++) {
    const file = await open(join(folder, String(index)), "w");
    await file.write(content);
    await file.sync();
    await file.close();
  }
  return (files * 1_000) / (performance.now() - start);
}

async function models(folder: string): Promise<Finding[]> {
  const folders = await listModelPackages(folder);
  if (folders.length === 0) {
    return [{ check: "models", ok: false, found: `none under ${folder}`, action: "give --models" }];
  }
  const checks = await Promise.all(folders.map(checkPackage));
  return checks.map(({ model, ok, detail }) => ({
    check: `model ${model}`,
    ok,
    found: ok ? "reproduces its golden outputs" : (detail ?? "broken"),
    action: "install the package again",
  }));
}
