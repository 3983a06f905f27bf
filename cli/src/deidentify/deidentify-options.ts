import { readFile } from "node:fs/promises";
import { parseAs } from "@axial/contracts";
import { Deidentifier, PixelRulesSchema } from "@axial/deidentification";
import { type Command, Option } from "commander";
import { readKey } from "./read-key.ts";

/** The flags of commands that write de-identified files. */
export interface DeidentifyFlags {
  readonly keyFile: string;
  readonly dates: "modified" | "full";
  readonly regions?: string;
}

export function withDeidentifyFlags(command: Command): Command {
  return command
    .requiredOption("--key-file <file>", "secret of the new identities; made if it does not exist")
    .addOption(
      new Option("--dates <how>", "dates are shifted per patient, or kept")
        .choices(["modified", "full"])
        .default("modified"),
    )
    .option("--regions <file>", "JSON list of where images have text burned in");
}

/** The de-identifier that the flags describe. */
export async function openDeidentifier(
  flags: DeidentifyFlags,
): Promise<{ deidentifier: Deidentifier; keyIsNew: boolean }> {
  const { keyFile, dates, regions } = flags;
  const { key, isNew } = await readKey(keyFile);
  const pixelRules =
    regions === undefined
      ? []
      : parseAs(PixelRulesSchema, JSON.parse(await readFile(regions, "utf8")));
  return { deidentifier: new Deidentifier({ key, dates, pixelRules }), keyIsNew: isNew };
}
