import { AxialClient } from "@axial/client";
import type { ModelReference, Share } from "@axial/contracts";
import type { Command } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { writeReference } from "../write-reference.ts";

interface QualityOptions extends ConnectionOptions {
  readonly json: boolean;
  readonly days: number;
}

interface ReferenceOptions extends QualityOptions {
  readonly modelVersion?: string;
  readonly write?: string;
}

interface Quality {
  readonly sources: readonly {
    readonly model: string;
    readonly version: string;
    readonly site: string;
    readonly scanner: string;
    readonly results: number;
    readonly hasReference: boolean;
    readonly drift: readonly { readonly figure: string; readonly psi: number }[];
    readonly shares: Readonly<Record<string, Share | null>>;
  }[];
  readonly feedback: readonly {
    readonly model: string;
    readonly version: string;
    readonly verdicts: number;
    readonly agreement: Share | null;
    readonly kappa: Share | null;
  }[];
}

const DAYS = Number;

export function registerModelsQuality(models: Command): void {
  const sub = connectedTo(models);
  sub("quality", "how they do in production: drift by site and scanner, agreement with readers")
    .option("--days <count>", "of the last days", DAYS, 7)
    .action(quality);
  sub("reference <model>", "take the results of the last days as what drift is measured against")
    .option("--days <count>", "of the last days", DAYS, 30)
    .option("--model-version <version>", "the newest that has results when left out")
    .option("--write <folder>", "write it into the model.json of a package too")
    .action(reference);
}

async function quality(options: QualityOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const found = await client.json<Quality>(`/api/v1/quality?days=${options.days}`);
  if (options.json) return printJson(found);
  if (found.sources.length === 0) return printLine("no results in these days");
  printLine(
    table(
      found.sources.map(({ model, version, site, scanner, results, drift, shares, ...of }) => ({
        model: `${model} ${version}`,
        ...{ site, scanner, results: String(results) },
        drift: of.hasReference ? largest(drift) : "no reference",
        "out of domain": percent(shares["out-of-domain"]),
        indeterminate: percent(shares.indeterminate),
        refused: percent(shares.refused),
      })),
    ),
  );
  for (const { model, version, verdicts, agreement, kappa } of found.feedback) {
    const beyond =
      kappa === null
        ? ""
        : `, kappa ${kappa.value.toFixed(2)} (${kappa.lower.toFixed(2)} to ${kappa.upper.toFixed(2)})`;
    printLine(`${model} ${version}: ${verdicts} verdicts, ${percent(agreement)} agree${beyond}`);
  }
}

function largest(drift: Quality["sources"][number]["drift"]): string {
  const [most] = drift.toSorted((a, b) => b.psi - a.psi);
  return most === undefined ? "too few results" : `${most.psi.toFixed(2)} (${most.figure})`;
}

function percent(share: Share | null | undefined): string {
  if (share == null) return "";
  const [value, lower, upper] = [share.value, share.lower, share.upper].map((one) =>
    (100 * one).toFixed(0),
  );
  return `${value} % (${lower} to ${upper})`;
}

async function reference(model: string, options: ReferenceOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const version = options.modelVersion ?? (await newestWithResults(client, model, options.days));
  const path = `/api/v1/quality/${model}/${version}/reference`;
  const measured = await client.json<ModelReference>(path, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ days: options.days }),
  });
  if (options.write !== undefined) await writeReference(options.write, measured);
  if (options.json) return printJson(measured);
  printLine(`${model} ${version}: ${measured.results} results (${measured.measuredOn})`);
}

async function newestWithResults(client: AxialClient, model: string, days: number) {
  const { sources } = await client.json<Quality>(`/api/v1/quality?days=${days}`);
  const versions = sources.filter((source) => source.model === model).map((one) => one.version);
  const newest = versions.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))[0];
  if (newest === undefined) throw new Error(`${model} has no results in ${days} days`);
  return newest;
}
