/** Makes a metric of a registry. */
type Make<Metric> = <Label extends string>(
  name: string,
  help: string,
  labelNames?: Label[],
) => Metric;

/**
 * What alarms stand on (invariant 15): gauges of what is there, read from PostgreSQL, the queue and
 * the disks at each scrape, so that they speak although nothing works.
 */
export function alarmMetrics<Gauge, Counter>(gauge: Make<Gauge>, counter: Make<Counter>) {
  return {
    laneWorkers: gauge("axial_lane_workers", "Live workers that serve the lane", ["lane"]),
    laneCapacity: gauge("axial_lane_capacity", "Jobs that the lane's live workers hold", ["lane"]),
    poolWorkers: gauge("axial_pool_workers", "Live workers; 0 for a pool of the last day", [
      "pool",
    ]),
    oldestWaiting: gauge(
      "axial_oldest_waiting_seconds",
      "How long the lane's oldest task that no worker has begun has been due",
      ["lane"],
    ),
    deadLetters: gauge("axial_dead_letters", "Dead tasks that await an operator", ["code"]),
    tasksEnded: counter("axial_tasks_ended_total", "Tasks that workers answered, or that died", [
      "lane",
      "outcome",
    ]),
    lastBackup: gauge(
      "axial_last_backup_timestamp_seconds",
      "When the last complete backup was made; 0 for never",
    ),
    clockSkew: gauge("axial_clock_skew_seconds", "By how much the clock is ahead of PostgreSQL's", [
      "process",
    ]),
    diskFree: gauge("axial_disk_free_bytes", "Free on the volume", ["volume"]),
    diskSize: gauge("axial_disk_size_bytes", "Size of the volume", ["volume"]),
    databaseBytes: gauge("axial_database_bytes", "Size of the database"),
    databaseLimit: gauge("axial_database_limit_bytes", "Size at which nothing more is accepted"),
    admissionLevel: gauge("axial_admission_level", "How full it is, 0 to 1", ["limit"]),
    admissionOpen: gauge("axial_admission_open", "1 while the lane is accepted", ["lane"]),
    admissionRefused: counter("axial_admission_refused_total", "Uploads turned away as too busy", [
      "lane",
    ]),
    quotaRefused: counter("axial_quota_refused_total", "Requests and instances beyond a quota", [
      "quota",
    ]),
    quotaLevel: gauge(
      "axial_quota_level",
      "How much of its quota a tenant has stored, 0 to 1: the fullest of each quota",
      ["quota", "tenant"],
    ),
    queueWritable: gauge("axial_queue_writable", "1 while the queue takes writes"),
    queueUsed: gauge("axial_queue_memory_bytes", "Memory that Redis uses"),
    queueLimit: gauge("axial_queue_memory_limit_bytes", "maxmemory of Redis; 0 for none"),
    queueEvicts: gauge("axial_queue_evicts", "1 when Redis' maxmemory-policy may drop keys"),
    tenantTasks: gauge(
      "axial_tenant_tasks",
      "Tasks of the busiest tenants that wait and run, and results, in the last whole minute",
      ["tenant", "state"],
    ),
    backfills: gauge("axial_backfills", "Backfills by state", ["state"]),
    backfillItems: gauge(
      "axial_backfill_items",
      "Studies of backfills that run or are paused, by state",
      ["state"],
    ),
    gpuUp: gauge("axial_gpu_up", "1 while the driver names the worker's device", ["gpu"]),
    gpuUtilisation: gauge(
      "axial_gpu_utilization_ratio",
      "Share of time that a kernel ran, 0 to 1",
      ["gpu", "device"],
    ),
    gpuMemoryUsed: gauge("axial_gpu_memory_used_bytes", "Device memory in use", ["gpu", "device"]),
    gpuMemoryTotal: gauge("axial_gpu_memory_bytes", "Device memory", ["gpu", "device"]),
    gpuCelsius: gauge("axial_gpu_temperature_celsius", "Temperature of the device", [
      "gpu",
      "device",
    ]),
    gpuWatts: gauge("axial_gpu_power_watts", "Power that the device draws", ["gpu", "device"]),
    gpuXidErrors: counter("axial_gpu_xid_errors_total", "Xid errors of the driver, by number", [
      "gpu",
      "xid",
    ]),
    certificateExpiry: gauge(
      "axial_certificate_expiry_timestamp_seconds",
      "When the certificate is no longer valid",
      ["certificate"],
    ),
  };
}
