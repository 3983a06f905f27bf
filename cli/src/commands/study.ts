import { AxialClient } from "@axial/client";
import type { Command } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { predictionRows } from "../render/prediction-rows.ts";
import { troubleLines } from "../render/trouble-lines.ts";

interface StudyOptions extends ConnectionOptions {
  readonly model?: readonly string[];
  readonly reason?: string;
  readonly json: boolean;
}

const JSON_TYPE = { "content-type": "application/json" };

export function registerStudy(program: Command): void {
  const study = program.command("study").description("what operators do to one study");
  const sub = connectedTo(study);
  sub("show <uid>", "its state, runs, predictions, refusals and failures").action(show);
  sub("rerun <uid>", "plan and run it again")
    .option("--model <id...>", "with these models only")
    .action((uid: string, options: StudyOptions) =>
      act(uid, "rerun", options.model === undefined ? {} : { models: options.model }, options),
    );
  sub("cancel <uid>", "end its unfinished work").action((uid: string, options: StudyOptions) =>
    act(uid, "cancel", {}, options),
  );
  sub("close <uid>", "no more instances will come: plan it").action(
    (uid: string, options: StudyOptions) => act(uid, "close", {}, options),
  );
  sub("hold <uid>", "keep everything of it, whatever retention says")
    .requiredOption("--reason <text>", "for the audit; no patient data")
    .action((uid: string, options: StudyOptions) => hold(uid, "PUT", options));
  sub("unhold <uid>", "lift the legal hold").action((uid: string, options: StudyOptions) =>
    hold(uid, "DELETE", options),
  );
}

const pathOf = (uid: string) => `/api/v1/studies/${encodeURIComponent(uid)}`;

async function show(uid: string, options: StudyOptions): Promise<void> {
  const study = await new AxialClient(connectionFrom(options)).studies.get(uid);
  if (options.json) return printJson(study);
  printLine(`${study.study}  ${study.state}  ${study.instances} instances`);
  printLine(
    table(study.runs.map(({ number, reason, state }) => ({ run: String(number), reason, state }))),
  );
  printLine(table(predictionRows(study)));
  for (const line of troubleLines(study)) printLine(line);
}

async function act(
  uid: string,
  action: string,
  body: object,
  options: StudyOptions,
): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const answer = await client.post<{ state: string }>(`${pathOf(uid)}/${action}`, body);
  if (options.json) printJson(answer);
  else printLine(`${uid}  ${answer.state}`);
}

async function hold(uid: string, method: "PUT" | "DELETE", options: StudyOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const body =
    method === "PUT"
      ? { headers: JSON_TYPE, body: JSON.stringify({ reason: options.reason }) }
      : {};
  await client.request(`${pathOf(uid)}/hold`, { method, ...body });
  const held = method === "PUT";
  if (options.json) printJson({ study: uid, held });
  else printLine(`${uid}  ${held ? "held" : "no longer held"}`);
}
