export { addLoginFailure, sweepQuotaCounts } from "./login-failures.ts";
export { addRequestCounts, type MinuteCount } from "./request-counts.ts";
export { readTenantLimits, type TenantLimits } from "./tenant-limits.ts";
export {
  foldTenantUsage,
  readQuotaLevels,
  readStoreQuota,
  readTenantUsage,
  type StoreQuota,
} from "./tenant-usage.ts";
