import type { BlobStore } from "@axial/blobs";
import type { LiveTls, Logger, Metrics, RecordAccess, Tracing } from "@axial/kit";
import type { Database } from "@axial/store/database";

/** The connections of a service. */
export interface Connections {
  readonly db: Database;
  /** For a listener to notifications, which has a connection of its own. */
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  readonly blobUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Where accesses to patient data are recorded. */
  readonly audit: RecordAccess;
  /** Where spans go; nowhere when left out. */
  readonly tracing?: Tracing;
  /** What the server speaks TLS with, for requests to other services; null or left out: HTTP. */
  readonly tls?: LiveTls | null;
}
