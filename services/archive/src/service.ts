import type { Connections, Service } from "@axial/service";
import { archiveApp } from "./app.ts";
import { createDependencies } from "./dependencies.ts";

/** Searches and renders what was received and what Axial made; it only reads. */
export function createArchive(connections: Pick<Connections, "db" | "blobs">): Service {
  const dependencies = createDependencies(connections);
  return {
    name: "archive",
    app: archiveApp(dependencies),
    start: () => {},
    /** Resolves when the threads have exited. */
    close: async () => {
      await Promise.all([dependencies.frames.close(), dependencies.headers.close()]);
    },
  };
}
