import { AxialClient } from "@axial/client";
import { LANES, NewerInstancePolicySchema } from "@axial/contracts";
import { type Command, Option } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { type TlsOptions, tlsOf, withTls } from "./tls-options.ts";

interface Common extends ConnectionOptions {
  readonly json: boolean;
}

interface ApplicationEntity {
  readonly id: string;
  readonly calledTitle: string;
  readonly callingTitle: string | null;
  readonly tenant: string;
  readonly lane: string;
  readonly models: readonly string[] | null;
  readonly closeOnRelease: boolean;
  readonly host: string | null;
  readonly port: number | null;
}

const PATH = "/api/v1/application-entities";

export function registerApplicationEntity(program: Command): void {
  const entity = program
    .command("ae")
    .description("DICOM application entities that may send by C-STORE");
  const sub = connectedTo(entity);
  sub("list", "callers that may send").action(list);
  withTls(sub("add <called>", "take what is sent to this AE title"))
    .option("--calling <title>", "only from this AE title; without it from every one")
    .addOption(new Option("--lane <lane>", "how urgent").choices([...LANES]))
    .option("--models <list>", "run these models", (text: string) => text.split(","))
    .option("--close-on-release", "the end of an association closes the studies that it sent")
    .option("--host <host>", "where the sender listens, for storage commitment and C-MOVE")
    .option("--port <port>", "its port", Number)
    .addOption(
      new Option("--newer-instance <policy>", "of what it sends anew with other content").choices(
        NewerInstancePolicySchema.enum,
      ),
    )
    .action(add);
  sub("remove <id>", "take nothing more").action(remove);
}

async function list(options: Common): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const found = await client.json<{ applicationEntities: ApplicationEntity[] }>(PATH);
  if (options.json) return printJson(found);
  printLine(
    table(
      found.applicationEntities.map((one) => ({
        id: one.id,
        called: one.calledTitle,
        calling: one.callingTitle ?? "(any)",
        tenant: one.tenant,
        lane: one.lane,
        models: one.models?.join(",") ?? "(planner)",
        address: one.host === null ? "" : `${one.host}:${one.port}`,
      })),
    ),
  );
}

interface AddOptions extends Common, TlsOptions {
  readonly calling?: string;
  readonly lane?: string;
  readonly models?: readonly string[];
  readonly closeOnRelease?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly newerInstance?: string;
}

async function add(calledTitle: string, options: AddOptions): Promise<void> {
  const { calling: callingTitle, lane, models, closeOnRelease, host, port } = options;
  const wanted = {
    ...{ calledTitle, callingTitle, lane, models, closeOnRelease, host, port },
    ...{ newerInstance: options.newerInstance, tls: await tlsOf(options) },
  };
  // JSON leaves out what was not given.
  const made = await new AxialClient(connectionFrom(options)).post<ApplicationEntity>(PATH, wanted);
  if (options.json) printJson(made);
  else printLine(`application entity ${made.id}`);
}

async function remove(id: string, options: Common): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  await client.request(`${PATH}/${id}`, { method: "DELETE" });
  if (options.json) printJson({ removed: id });
  else printLine("removed");
}
