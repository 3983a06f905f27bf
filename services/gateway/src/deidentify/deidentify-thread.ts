import { asAxialError } from "@axial/contracts";
import { Deidentifier, type DeidentifyOptions } from "@axial/deidentification";
import { readInstance } from "@axial/dicom";
import { serveTenants } from "@axial/imaging";

/** A file, in memory that threads share, and how it loses its patient. */
export interface DeidentifyCommand {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly options: DeidentifyOptions;
}

async function run({ bytes, options }: DeidentifyCommand): Promise<Uint8Array> {
  try {
    const file = await new Deidentifier(options).deidentify(readInstance(bytes));
    return ownMemory(file);
  } catch (thrown) {
    throw asAxialError(thrown, "malformed-dicom");
  }
}

/** Small buffers lie in a slab of others', which cannot be moved. */
function ownMemory(file: Buffer): Uint8Array {
  const alone = file.byteLength * 2 >= file.buffer.byteLength;
  return alone ? file : new Uint8Array(file);
}

/** The script of a thread that de-identifies what takes long. */
serveTenants<DeidentifyCommand, Uint8Array>({
  run,
  moved: (file) => [file.buffer as ArrayBuffer],
});
