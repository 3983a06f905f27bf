import type { TenantId } from "@axial/contracts";
import { parseAs, TenantIdSchema } from "@axial/contracts";
import { type Acknowledgement, listenMllp, type Message, type MllpServer } from "@axial/hl7";
import { OutageLog } from "@axial/kit";
import { cancelOrder, placeOrder } from "@axial/store/orders";
import type { readConfig } from "../config.ts";
import type { Dependencies } from "../dependencies.ts";
import { readOrder } from "./read-order.ts";

export interface OrderDoorOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whose orders come there: HL7 v2 names no tenant. */
  readonly tenant: TenantId;
}

/**
 * Takes orders by HL7 v2 over MLLP: the studies of a STAT order go into the lane `stat` when they
 * close. A message is acknowledged with AA when its order is committed, or when it is about
 * something else; with AE while the database is away: the sender repeats it. Rejects when the port
 * is taken.
 */
export async function openOrderDoor(
  dependencies: Dependencies,
  { tenant, ...address }: OrderDoorOptions,
): Promise<MllpServer> {
  const { logger, metrics } = dependencies;
  const outage = new OutageLog(logger, "taking orders");
  const server = await listenMllp({
    ...address,
    handle: async (message) => {
      try {
        const answer = await take(dependencies, tenant, message);
        outage.worked();
        return answer;
      } catch (error) {
        outage.failed(error);
        metrics.ordersTotal.inc({ outcome: "failed" });
        return { code: "AE", text: "the order could not be stored; send it again" };
      }
    },
    trouble: (err) => logger.warn({ err }, "a connection of an order feed broke"),
  });
  logger.info({ port: server.port, tenant }, "orders are taken");
  return server;
}

async function take(
  { db, metrics }: Dependencies,
  tenant: TenantId,
  message: Message,
): Promise<Acknowledgement> {
  const order = readOrder(message);
  metrics.ordersTotal.inc({ outcome: order.status });
  switch (order.status) {
    case "placed":
      await placeOrder(db, { tenant, accession: order.accession, stat: order.stat });
      return { code: "AA" };
    case "cancelled":
      await cancelOrder(db, { tenant, accession: order.accession });
      return { code: "AA" };
    case "ignored":
      return { code: "AA", text: order.reason };
    default:
      return order satisfies never;
  }
}

/** Where the environment has orders taken; undefined without a port. */
export function orderOptions(config: ReturnType<typeof readConfig>): OrderDoorOptions | undefined {
  const { AXIAL_HL7_PORT: port, AXIAL_HL7_TENANT: tenant, AXIAL_HOST: host } = config;
  return port === undefined ? undefined : { host, port, tenant: parseAs(TenantIdSchema, tenant) };
}
