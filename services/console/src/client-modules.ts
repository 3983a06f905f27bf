import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A module as a browser takes it. */
export interface ClientModule {
  readonly name: string;
  readonly script: string;
  readonly etag: string;
}

/**
 * `@axial/client` without its types, and what it imports of itself: what the page asks the API with.
 * Made in a thread of its own because Node calls its stripping of types experimental, in a warning that
 * operators have no use for. Rejects when the client imports what a browser could not find.
 */
export async function clientModules(): Promise<readonly ClientModule[]> {
  const thread = new Worker(new URL("client-modules-thread.ts", import.meta.url), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const [modules] = await once(thread, "message");
  await thread.terminate();
  return modules as readonly ClientModule[];
}
