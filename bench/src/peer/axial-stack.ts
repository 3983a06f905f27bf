import type { StudyId } from "@axial/contracts";
import { listen } from "@axial/postgres";
import { closeStudies } from "@axial/store/ingest";
import { type Stack, startStack } from "../pipeline/stack.ts";
import { storeSeries, storeStudies, TENANT } from "../pipeline/stored-studies.ts";

export interface AxialPeer {
  /** Writes the rows of open studies; not part of the measurement. */
  receive(studies: number): Promise<void>;
  /** Closes a received study and resolves when its predictions are committed. */
  classify(): Promise<void>;
  /** Seconds of processor time used so far: gateway, queue, database, worker, results. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** Axial as `axial up` runs it, with studies of `slices` slices in its blob store. */
export async function startAxial(options: {
  folder: string;
  model: string;
  slices: number;
}): Promise<AxialPeer> {
  const stack: Stack = await startStack(options);
  const series = await storeSeries(stack.blobs, options.slices);
  const received: StudyId[] = [];
  const waiting = new Map<StudyId, () => void>();
  const listener = listen(stack.databaseUrl, {
    "study-changed": (study) => {
      waiting.get(study)?.();
      waiting.delete(study);
    },
  });
  return {
    receive: async (studies) => {
      received.push(...(await storeStudies(stack, series, studies)));
    },
    classify: async () => {
      const study = received.pop();
      if (study === undefined) throw new Error("no study was received");
      const recorded = new Promise<void>((resolve) => waiting.set(study, resolve));
      await closeStudies(stack.db, TENANT, { ids: [study], reason: "explicit" });
      await recorded;
    },
    cpu: async () => {
      const { worker, control, postgres } = await stack.cpu();
      return worker + control + postgres;
    },
    stop: async () => {
      await listener.close();
      await stack.stop();
    },
  };
}
