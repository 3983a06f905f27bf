import { asAxialError } from "@axial/contracts";
import { readHeader } from "@axial/dicom";
import { serveTenants } from "@axial/imaging";
import { type ExplicitFile, explicitFile } from "./explicit-file.ts";
import type { HeaderWish } from "./header-answer.ts";
import { type FilePart, type HeaderReading, readingOf } from "./header-reading.ts";

export type HeaderCommand =
  | ({ readonly kind: "read"; readonly wish: HeaderWish } & FilePart)
  /** A whole file in Explicit VR Little Endian. */
  | { readonly kind: "explicit"; readonly bytes: Uint8Array };

export type HeaderResult = HeaderReading | ExplicitFile;

async function run(command: HeaderCommand): Promise<HeaderResult> {
  if (command.kind === "explicit") return explicitFile(command.bytes);
  const untilPixelData = command.bytes.length < command.fileBytes;
  return readingOf(await readHeader(command.bytes, { untilPixelData }), command, command.wish);
}

/** The script of a thread that reads the headers which would hold up an event loop. */
serveTenants<HeaderCommand, HeaderResult>({
  run: (command) =>
    run(command).catch((thrown) => {
      throw asAxialError(thrown, "malformed-dicom");
    }),
});
