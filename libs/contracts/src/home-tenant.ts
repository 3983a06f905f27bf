import type { TenantId } from "./ids.ts";

/** The tenant whose admins run the installation and set up each other tenant. */
export const HOME_TENANT = "default" as TenantId;
