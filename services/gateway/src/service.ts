import { OutageLog } from "@axial/kit";
import { startLoop } from "@axial/kit/loops";
import { listen, seekLeadership } from "@axial/postgres";
import type { Service } from "@axial/service";
import { writeIntakeLevels } from "@axial/store/ingest";
import { gatewayApp } from "./app.ts";
import { startControlLoops } from "./control-loops.ts";
import { countFromZero } from "./count-from-zero.ts";
import { createDependencies, type Dependencies, type DependencyOptions } from "./dependencies.ts";
import { type DimseDoorOptions, openDimseDoor } from "./dimse/dimse-door.ts";
import { type OrderDoorOptions, openOrderDoor } from "./orders/order-door.ts";
import { PlanDecider } from "./plan/plan-decider.ts";

/** A banner about a limit comes and goes within this. */
const TELL_LEVELS_EVERY_MS = 10_000;

export interface GatewayOptions extends DependencyOptions {
  /** Models trained on generated images only take part without being named. */
  readonly syntheticModels?: boolean;
  /** Where C-STORE is taken; without it there is no DIMSE. */
  readonly dimse?: DimseDoorOptions | undefined;
  /** Where orders are taken; without it none are. */
  readonly orders?: OrderDoorOptions | undefined;
}

interface GatewayService extends Service {
  /** Where C-STORE is taken once started; null without DIMSE. */
  readonly dimsePort: number | null;
  /** Where orders are taken once started; null where none are. */
  readonly ordersPort: number | null;
}

/** The door: accepts studies, plans what is to be done with them and dispatches it. */
export function createGateway(options: GatewayOptions): GatewayService {
  const dependencies = createDependencies(options);
  const decider = new PlanDecider({ syntheticModels: options.syntheticModels ?? false });
  countFromZero(dependencies.metrics);
  const closing: (() => Promise<void>)[] = [];
  let dimsePort: number | null = null;
  let ordersPort: number | null = null;
  return {
    name: "gateway",
    app: gatewayApp(dependencies, decider),
    get dimsePort() {
      return dimsePort;
    },
    get ordersPort() {
      return ordersPort;
    },
    start: async () => {
      closing.push(awaitResults(dependencies, options));
      closing.push(tellIntakeLevels(dependencies));
      closing.push(control(dependencies, { databaseUrl: options.databaseUrl, decider }));
      if (options.orders !== undefined) {
        const orders = await openOrderDoor(dependencies, options.orders);
        ordersPort = orders.port;
        closing.push(() => orders.close());
      }
      if (options.dimse === undefined) return;
      const door = await openDimseDoor(dependencies, options.dimse);
      if (door === null) return;
      dimsePort = door.port;
      closing.push(() => door.close());
    },
    /** Resolves when associations are over and the running turns of the loops too. */
    close: async () => {
      for (const close of closing.toReversed()) await close();
    },
  };
}

/** Tells requests that wait for a study of its changes; the result ends it. */
function awaitResults({ results }: Dependencies, options: GatewayOptions): () => Promise<void> {
  const listener = listen(options.databaseUrl, {
    "study-changed": (study) => results.notify(study),
  });
  return () => listener.close();
}

/** Writes how full the limits of the intake are, for those who look at the installation. */
function tellIntakeLevels({ db, gate, logger }: Dependencies): () => Promise<void> {
  const loop = startLoop(
    { name: "intake levels", idleMs: TELL_LEVELS_EVERY_MS, logger },
    async () => {
      await writeIntakeLevels(db, await gate.levels());
      return false;
    },
  );
  return () => loop.close();
}

/** One gateway of all plans and dispatches, and the others stand by; the result ends it. */
function control(
  dependencies: Dependencies,
  options: { readonly databaseUrl: string; readonly decider: PlanDecider },
): () => Promise<void> {
  const outage = new OutageLog(dependencies.logger, "leadership of the control loops");
  const leadership = seekLeadership(options.databaseUrl, {
    role: "control",
    lead: () => {
      outage.worked();
      return startControlLoops(dependencies, options);
    },
    onError: (error) => outage.failed(error),
  });
  return async () => {
    await leadership.close();
    const { sameInstance, examiner, deidentifiers } = dependencies;
    const pools = [sameInstance, examiner, options.decider, deidentifiers];
    await Promise.all(pools.map((pool) => pool.close()));
  };
}
