import { NewerInstancePolicySchema } from "@axial/contracts";
import { PixelRuleSchema } from "@axial/deidentification";
import type { TenantRow, TenantSettings } from "@axial/store/tenants";
import { type Static, Type } from "typebox";

const Limit = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()]);
const Amount = Type.Union([
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  Type.Null(),
]);
const Days = Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()]);

/** A tenant's settings; null means no limit, or for ever. */
export const SettingsSchema = Type.Object({
  weight: Type.Integer({ minimum: 1, maximum: 1_000, description: "fair share within a lane" }),
  maxConcurrentTasks: Limit,
  maxTasksPerMinute: Limit,
  paused: Type.Boolean({ description: "none of the tenant's tasks are dispatched" }),
  quietPeriodSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
  keepImagesDays: Days,
  keepStudiesDays: Days,
  keepSupersededDays: Days,
  keepAuditDays: Days,
  keepDeliveriesDays: Days,
  maxImageBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  maxRequestsPerMinute: Limit,
  maxStoredBytes: Amount,
  maxStoredInstances: Amount,
  maxPendingTasks: Type.Union([Type.Integer({ minimum: 1, maximum: 100_000_000 }), Type.Null()]),
  maxKeys: Limit,
  maxEventStreams: Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000 }), Type.Null()]),
  newerInstance: NewerInstancePolicySchema,
  deidentify: Type.Enum(["off", "modified-dates", "full-dates"], {
    description: "instances are stored without their patients; dates are shifted or kept",
  }),
  deidentifyRegions: Type.Array(PixelRuleSchema, {
    maxItems: 1_000,
    description: "where images have text burned in",
  }),
});
type Settings = Static<typeof SettingsSchema>;

const COLUMNS = {
  weight: "weight",
  maxConcurrentTasks: "max_concurrent_tasks",
  maxTasksPerMinute: "max_tasks_per_minute",
  paused: "paused",
  quietPeriodSeconds: "quiet_period_seconds",
  keepImagesDays: "keep_images_days",
  keepStudiesDays: "keep_studies_days",
  keepSupersededDays: "keep_superseded_days",
  keepAuditDays: "keep_audit_days",
  keepDeliveriesDays: "keep_deliveries_days",
  maxImageBytes: "max_image_bytes",
  maxRequestsPerMinute: "max_requests_per_minute",
  maxStoredBytes: "max_stored_bytes",
  maxStoredInstances: "max_stored_instances",
  maxPendingTasks: "max_pending_tasks",
  maxKeys: "max_keys",
  maxEventStreams: "max_event_streams",
  newerInstance: "newer_instance",
  deidentify: "deidentify",
  deidentifyRegions: "deidentify_regions",
} as const satisfies Record<keyof Settings, keyof TenantSettings>;

/** Lists are kept as JSON. */
function columnValue(value: Settings[keyof Settings] | undefined) {
  return Array.isArray(value) ? JSON.stringify(value) : value;
}

/** The settings as columns. */
export function toColumns(settings: Partial<Settings>): TenantSettings {
  return Object.fromEntries(
    Object.entries(COLUMNS)
      .filter(([name]) => name in settings)
      .map(([name, column]) => [column, columnValue(settings[name as keyof Settings])]),
  );
}

/** A tenant as callers see it. */
export function tenantView(row: TenantRow) {
  return {
    id: row.id,
    createdAt: row.created_at.toISOString(),
    weight: row.weight,
    maxConcurrentTasks: row.max_concurrent_tasks,
    maxTasksPerMinute: row.max_tasks_per_minute,
    paused: row.paused,
    quietPeriodSeconds: row.quiet_period_seconds,
    keepImagesDays: row.keep_images_days,
    keepStudiesDays: row.keep_studies_days,
    keepSupersededDays: row.keep_superseded_days,
    keepAuditDays: row.keep_audit_days,
    keepDeliveriesDays: row.keep_deliveries_days,
    maxImageBytes: numeric(row.max_image_bytes),
    maxRequestsPerMinute: row.max_requests_per_minute,
    maxStoredBytes: numeric(row.max_stored_bytes),
    maxStoredInstances: numeric(row.max_stored_instances),
    maxPendingTasks: row.max_pending_tasks,
    maxKeys: row.max_keys,
    maxEventStreams: row.max_event_streams,
    newerInstance: row.newer_instance,
    deidentify: row.deidentify,
    deidentifyRegions: row.deidentify_regions as Settings["deidentifyRegions"],
  };
}

function numeric(bigint: string | null): number | null {
  return bigint === null ? null : Number(bigint);
}
