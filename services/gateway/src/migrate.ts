import { createLogger, runProcess } from "@axial/kit";
import { prepareDatabase } from "@axial/service";
import { openDatabase } from "@axial/store/database";
import { readMigrationsConfig } from "./config.ts";

const config = readMigrationsConfig();
const logger = createLogger({ service: "migrations", level: config.AXIAL_LOG_LEVEL });

runProcess(logger, async (shutdown) => {
  const db = openDatabase(config.AXIAL_DATABASE_URL, {
    onIdleError: (error) => logger.warn({ err: error }, "lost a database connection"),
  });
  shutdown.onClose("database", () => db.destroy());
  const applied = await prepareDatabase(db, { logger, signal: shutdown.signal });
  if (applied !== null) logger.info({ applied }, "the schema is current");
  return "done";
});
