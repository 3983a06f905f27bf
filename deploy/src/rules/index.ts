import { databaseLimitFits } from "./database-limit.ts";
import { drainsGoOn } from "./disruption.ts";
import { environmentFits, sharedEnvironmentIsRead } from "./environment.ts";
import { imagesAsInCompose } from "./image-versions.ts";
import { migrationsRunAnew } from "./migrations.ts";
import {
  backingReachable,
  deniesByDefault,
  workersKnowNoDatabase,
  workersStayInside,
} from "./network.ts";
import { imagesPinned, probesPresent, resourcesSet } from "./pods.ts";
import { portsExist, referencesExist, selectorsMeet } from "./references.ts";
import type { Rule } from "./rule.ts";
import { restricted } from "./security.ts";
import { graceCoversShutdown } from "./shutdown.ts";

/** What every overlay keeps, by name. */
export const RULES: Readonly<Record<string, Rule>> = {
  restricted,
  resourcesSet,
  imagesPinned,
  probesPresent,
  selectorsMeet,
  portsExist,
  referencesExist,
  environmentFits,
  sharedEnvironmentIsRead,
  databaseLimitFits,
  deniesByDefault,
  workersKnowNoDatabase,
  workersStayInside,
  backingReachable,
  imagesAsInCompose,
  drainsGoOn,
  migrationsRunAnew,
  graceCoversShutdown,
};
