import { asAxialError } from "@axial/contracts";
import { readHeader } from "@axial/dicom";
import { serveTenants } from "@axial/imaging";
import type { TagSnapshot } from "@axial/store/ingest";
import { type Examination, examine } from "./examine.ts";
import { seriesTags, studyTags } from "./tag-snapshot.ts";

/** The first bytes of a file, or all of it. */
export interface ExamineCommand {
  readonly bytes: Uint8Array;
  readonly complete: boolean;
}

/** What a thread finds out at once: its file does not come back. */
export interface ThreadExamination extends Examination {
  readonly studyTags: TagSnapshot;
  readonly seriesTags: TagSnapshot;
}

async function run({ bytes, complete }: ExamineCommand): Promise<ThreadExamination> {
  const instance = await readHeader(bytes, { untilPixelData: !complete });
  const { dataset } = instance;
  return {
    ...examine(instance),
    studyTags: studyTags(dataset),
    seriesTags: seriesTags(dataset),
  };
}

/** The script of a thread that examines instances whose headers take long to read. */
serveTenants<ExamineCommand, ThreadExamination>({
  run: (command) =>
    run(command).catch((thrown) => {
      throw asAxialError(thrown, "malformed-dicom");
    }),
});
