export { type BackupSeal, openWith, sealFor } from "./backup-cipher.ts";
export { createBackup } from "./create-backup.ts";
export { restoreBackup } from "./restore-backup.ts";
