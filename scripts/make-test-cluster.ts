import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { SCHEMA_TEMPLATE } from "@axial/testkit";

/** Makes a cluster with the schema in one of its databases, in the folder that is named. */
const [, , folder = "."] = process.argv;
const server = await startLocalPostgres({ folder: join(folder, "postgres"), durable: false });
const db = openDatabase(await server.database(SCHEMA_TEMPLATE), { onIdleError: () => {} });
await migrate(db);
await db.destroy();
await server.stop();
