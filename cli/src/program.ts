import { Command } from "commander";

type Register = (program: Command) => void;

/** A file of commands, and the commands that it registers. */
interface CommandFile {
  readonly names: readonly string[];
  readonly load: () => Promise<Register>;
}

/** In the order of `axial --help`. Loading all of them takes longer than most commands run. */
export const COMMAND_FILES: readonly CommandFile[] = [
  {
    names: ["up"],
    load: async () => (await import("./commands/up.ts")).registerUp,
  },
  {
    names: ["demo"],
    load: async () => (await import("./commands/demo.ts")).registerDemo,
  },
  {
    names: ["send"],
    load: async () => (await import("./commands/send.ts")).registerSend,
  },
  {
    names: ["watch"],
    load: async () => (await import("./commands/watch.ts")).registerWatch,
  },
  {
    names: ["image"],
    load: async () => (await import("./commands/image.ts")).registerImage,
  },
  {
    names: ["result"],
    load: async () => (await import("./commands/result.ts")).registerResult,
  },
  {
    names: ["explain"],
    load: async () => (await import("./commands/explain.ts")).registerExplain,
  },
  {
    names: ["models"],
    load: async () => (await import("./commands/models.ts")).registerModels,
  },
  {
    names: ["evaluate"],
    load: async () => (await import("./commands/evaluate.ts")).registerEvaluate,
  },
  {
    names: ["tune"],
    load: async () => (await import("./commands/tune.ts")).registerTune,
  },
  {
    names: ["deidentify"],
    load: async () => (await import("./commands/deidentify.ts")).registerDeidentify,
  },
  {
    names: ["status", "top"],
    load: async () => (await import("./commands/status.ts")).registerStatus,
  },
  {
    names: ["study"],
    load: async () => (await import("./commands/study.ts")).registerStudy,
  },
  {
    names: ["lane"],
    load: async () => (await import("./commands/lane.ts")).registerLane,
  },
  {
    names: ["tenant"],
    load: async () => (await import("./commands/tenant.ts")).registerTenant,
  },
  {
    names: ["key"],
    load: async () => (await import("./commands/key.ts")).registerKey,
  },
  {
    names: ["dlq"],
    load: async () => (await import("./commands/dlq.ts")).registerDlq,
  },
  {
    names: ["destination"],
    load: async () => (await import("./commands/destination.ts")).registerDestination,
  },
  {
    names: ["ae"],
    load: async () => (await import("./commands/application-entity.ts")).registerApplicationEntity,
  },
  {
    names: ["source", "pull"],
    load: async () => (await import("./commands/source.ts")).registerSource,
  },
  {
    names: ["doctor"],
    load: async () => (await import("./commands/doctor.ts")).registerDoctor,
  },
  {
    names: ["backup", "restore"],
    load: async () => (await import("./commands/backup.ts")).registerBackup,
  },
  {
    names: ["backfill"],
    load: async () => (await import("./commands/backfill.ts")).registerBackfill,
  },
  {
    names: ["compare"],
    load: async () => (await import("./commands/compare.ts")).registerCompare,
  },
  {
    names: ["canary"],
    load: async () => (await import("./commands/canary.ts")).registerCanary,
  },
  {
    names: ["audit"],
    load: async () => (await import("./commands/audit.ts")).registerAudit,
  },
];

/** The `axial` command, with those commands loaded that `args` may need: the one it names, or all. */
export async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command("axial")
    .description("inference for medical images as a distributed job queue (research use only)")
    .showHelpAfterError();
  const named = COMMAND_FILES.filter(({ names }) => names.includes(args[0] ?? ""));
  for (const { load } of named.length > 0 ? named : COMMAND_FILES) (await load())(program);
  return program;
}
