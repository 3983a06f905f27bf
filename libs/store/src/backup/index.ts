export { type BackupOptions, createBackup } from "./create-backup.ts";
export { readBackup } from "./read-backup.ts";
export { type RestoreOptions, restoreBackup } from "./restore-backup.ts";
