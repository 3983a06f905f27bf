import { parseAs, TenantIdSchema } from "@axial/contracts";
import type { readConfig } from "../config.ts";
import type { OrderDoorOptions } from "./order-door.ts";

/** Where the environment has orders taken; undefined without a port. */
export function orderOptions(config: ReturnType<typeof readConfig>): OrderDoorOptions | undefined {
  const { AXIAL_HL7_PORT: port, AXIAL_HL7_TENANT: tenant, AXIAL_HOST: host } = config;
  return port === undefined ? undefined : { host, port, tenant: parseAs(TenantIdSchema, tenant) };
}
