export { chainAudit } from "./chain-audit.ts";
export { type AuditRow, type AuditSearch, searchAudit } from "./search-audit.ts";
export { type ChainReport, type NotedPlace, verifyAudit } from "./verify-audit.ts";
export { type AuditEntry, writeAudit } from "./write-audit.ts";
