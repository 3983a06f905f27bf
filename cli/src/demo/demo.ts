import type { Connection } from "@axial/client";
import { AxialClient } from "@axial/client";
import type { StudyView } from "@axial/contracts";
import { progressBar } from "../output.ts";
import { type SendOptions, sendPaths } from "../send/send-paths.ts";
import { withPhantomStudies } from "./phantom-studies.ts";

/** A demo is never continued. */
const DEMO_OPTIONS: SendOptions = { lane: "routine", models: null, close: true, journal: null };

/** The demo's studies are small: a machine that needs longer has a problem to look at. */
const WAIT_SECONDS = 120;

/**
 * Sends the DICOM files under `path`, by default generated studies (including a knee, which the
 * brain models refuse), and waits for the answers.
 */
export async function runDemo(connection: Connection, path: string | undefined) {
  const sent =
    path === undefined
      ? await sendGenerated(connection)
      : await sendPaths(connection, [path], DEMO_OPTIONS);
  const client = new AxialClient(connection);
  const progress = progressBar("classifying", sent.studies.length);
  const studies: StudyView[] = await Promise.all(
    sent.studies.map(async (uid) => {
      const study = await client.studies.wait(uid, WAIT_SECONDS);
      progress.advance(1);
      return study;
    }),
  );
  progress.done();
  return { sent, studies };
}

function sendGenerated(connection: Connection) {
  return withPhantomStudies((folder) => sendPaths(connection, [folder], DEMO_OPTIONS));
}
