import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { StudyView } from "@axial/contracts";
import { phantomSeries } from "@axial/testkit";

const run = promisify(execFile);
const AXIAL = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));
/** Of the release's models, the one that the studies are made for. */
export const MODEL = "brain-tumour-mobilenetv2";
const SLICES = 8;
const WAIT_SECONDS = 120;
const MAX_OUTPUT_BYTES = 1 << 26;

export interface Client {
  readonly url: string;
  readonly key: string;
}

/** Sends a generated study with `axial send`. Returns the models that answered. */
export async function sendWithAxial({ url, key }: Client): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "axial-study-"));
  try {
    const { files } = phantomSeries({ kind: "brain-with-mass", slices: SLICES });
    await Promise.all(files.map((file, index) => writeFile(join(folder, `${index}.dcm`), file)));
    const flags = ["send", folder, "--wait", String(WAIT_SECONDS), "--json"];
    const { stdout } = await run(process.execPath, [AXIAL, ...flags], {
      env: { ...process.env, AXIAL_URL: url, AXIAL_API_KEY: key },
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const { results } = JSON.parse(stdout) as { results: StudyView[] };
    return results.flatMap(({ predictions }) => predictions.map(({ model }) => model.id));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The README's `curl` for one image. Returns the label in the answer. */
export async function postWithCurl({ url, key }: Client): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "axial-image-"));
  try {
    const file = join(folder, "slice.dcm");
    const [slice] = phantomSeries({ kind: "brain", slices: 1 }).files;
    await writeFile(file, slice ?? "");
    const { stdout } = await run("curl", [
      ...["--silent", "--show-error", "--fail-with-body", "--data-binary", `@${file}`],
      ...[
        "--header",
        `Authorization: Bearer ${key}`,
        "--header",
        "Content-Type: application/dicom",
      ],
      `${url}/api/v1/images?model=${MODEL}&wait=${WAIT_SECONDS / 2}`,
    ]);
    const study = JSON.parse(stdout) as Pick<StudyView, "predictions">;
    return study.predictions[0]?.distributions[0]?.label ?? "";
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A JSON answer of the API. Throws unless the status is 200. */
export async function getJson<Answer>({ url, key }: Client, path: string): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`);
  return (await answer.json()) as Answer;
}
