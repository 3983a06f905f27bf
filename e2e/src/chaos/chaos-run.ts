import { setTimeout as delay } from "node:timers/promises";
import { eventually, seededRandom } from "@axial/testkit";
import { auditAnswers } from "./audit/audit-answers.ts";
import { auditDeliveries } from "./audit/audit-deliveries.ts";
import { auditInstances } from "./audit/audit-instances.ts";
import { deadTasks, queueLeftovers, unfinished } from "./audit/audit-leftovers.ts";
import { livingProcesses, orphans, residentMegabytes } from "./audit/processes.ts";
import { longestStall } from "./audit/stalls.ts";
import { Deck } from "./faults/deck.ts";
import { type Fault, lasting } from "./faults/fault.ts";
import { measureRecovery } from "./faults/recovery.ts";
import { type Destinations, startDestinations } from "./load/destinations.ts";
import { Door } from "./load/door.ts";
import { Ledger } from "./load/ledger.ts";
import { Modality } from "./load/modality.ts";
import { replayDeliveries } from "./load/replay-deliveries.ts";
import { Senders, type Tenant } from "./load/senders.ts";
import { createTenants } from "./load/tenants.ts";
import type { ChaosOptions } from "./options.ts";
import { type InflictedFault, type Observations, RECOVERY_LIMIT_SECONDS } from "./report.ts";
import type { Stack } from "./stack/stack.ts";

/** Calm before the first fault, in which memory is measured. */
const WARM_UP_MS = 6_000;
/** Between the end of one recovery and the next fault. */
const CALM_SECONDS = [1, 4] as const;
/** What is not accepted or finished this long after the load's end is stuck. */
const SETTLE_WITHIN_MS = 120_000;
/** A fault begins no later than this before the load's end. */
const LAST_FAULT_MS = 15_000;
/** Streams of random numbers out of one seed: what senders do must not move the faults. */
const LOAD_STREAM = 7_919;
const DESTINATION_STREAM = 104_729;

interface ChaosRun<Broken extends Stack> {
  readonly options: ChaosOptions;
  readonly stack: Broken;
  /** Every kind of fault that such a stack knows. */
  readonly faults: readonly Fault<Broken>[];
  /** Reports progress. */
  say(line: string): void;
}

/** Loads the stack, inflicts faults, lets it settle and audits what is left. */
export async function runChaos<Broken extends Stack>(run: ChaosRun<Broken>): Promise<Observations> {
  const { options, stack, say } = run;
  const destinations = await startDestinations({
    host: stack.outside,
    random: seededRandom(options.seed + DESTINATION_STREAM),
    gateways: stack.services.gateway.map(({ associations }) => associations),
  });
  try {
    const tenants = await createTenants(stack, destinations);
    const ledger = new Ledger();
    const senders = createSenders(run, { tenants, ledger });
    const end = Date.now() + options.minutes * 60_000;
    const loading = senders.runUntil(end);
    await delay(WARM_UP_MS);
    const before = await residentMegabytes(stack);
    const random = seededRandom(options.seed);
    const deck = new Deck({ stack, faults: run.faults, random, only: options.only });
    for (const skipped of deck.skipped) say(`skipped: ${skipped}`);
    const faults = await inflict(run, { deck, senders, end });
    await loading;
    say("settling");
    await senders.drained();
    await destinations.recover();
    await settle(stack, tenants);
    const after = await residentMegabytes(stack);
    const audited = await audit({ stack, ledger, tenants, destinations });
    return {
      options,
      faults,
      skipped: deck.skipped,
      residentMegabytes: { before, after },
      ...audited,
      ...(await stopAll(stack)),
    };
  } finally {
    await destinations.close();
  }
}

function createSenders(
  { options, stack }: Pick<ChaosRun<Stack>, "options" | "stack">,
  { tenants, ledger }: { tenants: readonly Tenant[]; ledger: Ledger },
): Senders {
  const random = seededRandom(options.seed + LOAD_STREAM);
  const gateways = stack.services.gateway.map(({ url }) => url);
  const giveUp = AbortSignal.timeout(options.minutes * 60_000 + SETTLE_WITHIN_MS);
  const door = new Door({ gateways, ledger, random, giveUp });
  const associations = stack.services.gateway.map((one) => one.associations);
  const modality = new Modality({ gateways: associations, ledger, random, giveUp });
  return new Senders({ tenants, door, modality, ledger, random, rate: options.rate });
}

async function inflict<Broken extends Stack>(
  { options, stack, say }: ChaosRun<Broken>,
  { deck, senders, end }: { deck: Deck<Broken>; senders: Senders; end: number },
): Promise<InflictedFault[]> {
  const random = seededRandom(options.seed + 1);
  const faults: InflictedFault[] = [];
  while (Date.now() < end - LAST_FAULT_MS) {
    const fault = deck.draw();
    say(`${fault.kind} …`);
    await fault.inflict({ stack, random });
    const { seconds, last } = await measureRecovery(stack, senders);
    faults.push({ kind: fault.kind, recoverySeconds: seconds });
    const slow = seconds > RECOVERY_LIMIT_SECONDS ? " TOO SLOW" : "";
    say(`${fault.kind}: recovered in ${seconds.toFixed(1)} s (${last})${slow}`);
    await lasting(random, ...CALM_SECONDS);
  }
  return faults;
}

/** Waits until everything is finished; the audit finds what is not. */
async function settle(stack: Stack, tenants: readonly Tenant[]): Promise<void> {
  await eventually("every service is ready", stack.isReady, SETTLE_WITHIN_MS).catch(() => {});
  await replayDeliveries(stack, tenants);
  const isDone = async () => (await stack.isReady()) && (await unfinished(stack)).length === 0;
  await eventually("everything is finished", isDone, SETTLE_WITHIN_MS).catch(() => {});
}

interface Audited {
  readonly stack: Stack;
  readonly ledger: Ledger;
  readonly tenants: readonly Tenant[];
  readonly destinations: Destinations;
}

async function audit({ stack, ledger, tenants, destinations }: Audited) {
  return {
    studies: ledger.studies.length,
    acknowledged: ledger.acknowledged,
    rejections: ledger.rejections,
    retried: ledger.retried,
    instances: await auditInstances(stack, ledger, tenants),
    answers: await auditAnswers(stack, ledger),
    deliveries: await auditDeliveries(stack, destinations),
    dead: await deadTasks(stack),
    unfinished: await unfinished(stack),
    queueLeftovers: await queueLeftovers(stack),
    longestStallSeconds: await longestStall(stack),
  };
}

/** Ends the services. Orphaned processes are counted first; every process must exit. */
async function stopAll(stack: Stack): Promise<Pick<Observations, "orphans" | "badExits">> {
  const unkept = await orphans(stack);
  const badExits = await stack.stopServices();
  const left = await livingProcesses(stack);
  return { orphans: new Set([...unkept, ...left.keys()]).size, badExits };
}
