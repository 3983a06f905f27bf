export { readDeidentification } from "./deidentification.ts";
export {
  changeTenant,
  createTenant,
  newerInstancePolicy,
  readTenants,
  type TenantRow,
  type TenantSettings,
} from "./tenants.ts";
