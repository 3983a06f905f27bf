import { type Static, Type } from "typebox";
import { BlobKeySchema } from "./ids.ts";

const Count = Type.Integer({ minimum: 0 });
/** Of the file in the backup. */
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** `backup.json`: written last, so that a backup without it was never finished. */
export const BackupSchema = Type.Object({
  formatVersion: Type.Literal(1),
  createdAt: Type.String({ format: "date-time" }),
  encryption: Type.Optional(
    Type.Literal("age", { description: "of tables and blobs; absent: they are plain" }),
  ),
  migration: Type.String({ description: "the last migration of the rows' schema" }),
  tables: Type.Array(
    Type.Object({
      name: Type.String({ pattern: "^[a-z_]{1,63}$" }),
      columns: Type.Array(Type.String({ pattern: "^[a-z0-9_]{1,63}$" }), { minItems: 1 }),
      rows: Count,
      sha256: Sha256,
    }),
    { description: "each after the tables that it refers to" },
  ),
  blobs: Type.Object({
    copied: Type.Boolean({ description: "false: only listed, not copied" }),
    count: Count,
    sha256: Sha256,
    missing: Type.Array(BlobKeySchema, {
      description: "missing or corrupt when the backup was made",
    }),
  }),
});
export type Backup = Static<typeof BackupSchema>;
