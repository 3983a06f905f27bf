import { Command } from "commander";
import { registerApplicationEntity } from "./commands/application-entity.ts";
import { registerAudit } from "./commands/audit.ts";
import { registerBackfill } from "./commands/backfill.ts";
import { registerBackup } from "./commands/backup.ts";
import { registerCanary } from "./commands/canary.ts";
import { registerCompare } from "./commands/compare.ts";
import { registerDeidentify } from "./commands/deidentify.ts";
import { registerDemo } from "./commands/demo.ts";
import { registerDestination } from "./commands/destination.ts";
import { registerDlq } from "./commands/dlq.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEvaluate } from "./commands/evaluate.ts";
import { registerExplain } from "./commands/explain.ts";
import { registerImage } from "./commands/image.ts";
import { registerKey } from "./commands/key.ts";
import { registerLane } from "./commands/lane.ts";
import { registerModels } from "./commands/models.ts";
import { registerResult } from "./commands/result.ts";
import { registerSend } from "./commands/send.ts";
import { registerSource } from "./commands/source.ts";
import { registerStatus } from "./commands/status.ts";
import { registerStudy } from "./commands/study.ts";
import { registerTenant } from "./commands/tenant.ts";
import { registerTune } from "./commands/tune.ts";
import { registerUp } from "./commands/up.ts";
import { registerWatch } from "./commands/watch.ts";

/** The `axial` command. */
export const program: Command = new Command("axial")
  .description("inference for medical images as a distributed job queue (research use only)")
  .showHelpAfterError();

registerUp(program);
registerDemo(program);
registerSend(program);
registerWatch(program);
registerImage(program);
registerResult(program);
registerExplain(program);
registerModels(program);
registerEvaluate(program);
registerTune(program);
registerDeidentify(program);
registerStatus(program);
registerStudy(program);
registerLane(program);
registerTenant(program);
registerKey(program);
registerDlq(program);
registerDestination(program);
registerApplicationEntity(program);
registerSource(program);
registerDoctor(program);
registerBackup(program);
registerBackfill(program);
registerCompare(program);
registerCanary(program);
registerAudit(program);
