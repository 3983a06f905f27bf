export {
  changeTenant,
  createTenant,
  readTenants,
  type TenantRow,
  type TenantSettings,
} from "./tenants.ts";
