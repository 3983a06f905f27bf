import { type Archive, startArchive } from "./archive.ts";
import type { Address } from "./modality.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/** Where the tenants' results go: systems of a hospital that fail as such systems do. */
export interface Destinations {
  readonly receiver: Receiver;
  readonly archive: Archive;
  /** Bodies of `POST /api/v1/destinations`, for a tenant that calls itself so. */
  of(callingTitle: string): readonly object[];
  /** From now on all of them work. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

interface DestinationsOptions {
  /** The address of this process as the services reach it. */
  readonly host: string;
  readonly random: () => number;
  readonly gateways: readonly Address[];
}

/** Starts a receiver of webhooks, and an archive that takes reports and commits to them. */
export async function startDestinations(options: DestinationsOptions): Promise<Destinations> {
  const receiver = await startReceiver(options);
  const archive = await startArchive(options);
  const both = [receiver, archive];
  return {
    receiver,
    archive,
    of: (callingTitle) => [
      { kind: "webhook", name: "webhook", url: receiver.url },
      {
        ...{ kind: "dimse", name: "archive", host: options.host, port: archive.port },
        ...{ calledTitle: "ARCHIVE", callingTitle, formats: ["sr"], commitment: true },
        // A backfill's objects are made for every destination, and a minute is too short for all.
        when: { lanes: ["stat", "routine"] },
      },
    ],
    recover: async () => {
      await Promise.all(both.map((one) => one.recover()));
    },
    close: async () => {
      await Promise.all(both.map((one) => one.close()));
    },
  };
}
