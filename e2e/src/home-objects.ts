import { newId, newUid, type StudyView, type TaskId } from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import type { Database } from "@axial/store/database";
import { eventually, phantomSeries } from "@axial/testkit";

/** A call of the API with a key of the home tenant. */
export type Call = (method: string, path: string, body?: object) => Promise<Response>;

/** One real object of each kind, of the home tenant: what paths and bodies name it by. */
export interface HomeObjects {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  readonly prediction: string;
  /** `{prediction}-{slice}`. */
  readonly heatmap: string;
  readonly key: string;
  readonly destination: string;
  readonly delivery: string;
  readonly source: string;
  readonly pull: string;
  readonly backfill: string;
  readonly applicationEntity: string;
  readonly deadTask: string;
}

/** Names that are asked for nowhere else: a list that has one shows another tenant's object. */
export const HOME_NAMES = { source: "source-of-home", destination: "destination-of-home" } as const;
const NOWHERE = 9;

/** Makes an object of each kind, by the API where it makes them. */
export async function makeHomeObjects(call: Call, db: Database): Promise<HomeObjects> {
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await call("post", path, body);
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  };
  const destination = await made("/api/v1/destinations", {
    ...{ kind: "webhook", name: HOME_NAMES.destination, url: `http://127.0.0.1:${NOWHERE}/` },
  });
  const source = await made("/api/v1/sources", {
    ...{ kind: "dimse", name: HOME_NAMES.source, host: "127.0.0.1", port: NOWHERE },
    calledTitle: "NOWHERE",
  });
  const applicationEntity = await made("/api/v1/application-entities", { calledTitle: "HOMEAE" });
  const key = await made("/api/v1/keys", { name: "key-of-home", role: "reader" });
  const backfill = await made("/api/v1/backfills", { name: "backfill-of-home", source: "sent" });
  const pulled = await call("post", "/api/v1/studies/pull", { source, study: newUid() });
  if (!pulled.ok) throw new Error(`a pull: ${pulled.status} ${await pulled.text()}`);
  const pull = await firstOf(call, "/api/v1/pulls");
  const { view, instance } = await classifiedStudy(call);
  const [prediction] = view.predictions;
  const heatmap = /([0-9a-f]{32}-\d+)\.png/.exec(prediction?.heatmaps[0]?.href ?? "")?.[1];
  if (prediction === undefined || heatmap === undefined) throw new Error("no heat map");
  await call("post", "/api/v1/feedback", { prediction: prediction.id, verdict: "agree" });
  await call("put", `/api/v1/studies/${view.study}/hold`, { reason: "the test's" });
  return {
    ...{ study: view.study, series: prediction.series, instance, prediction: prediction.id },
    ...{ heatmap, key, destination, source, pull, backfill, applicationEntity },
    delivery: await firstOf(call, "/api/v1/deliveries"),
    deadTask: await deadTaskOf(db, prediction.id),
  };
}

/** The id of the first object that a list has, once there is one. */
function firstOf(call: Call, path: string): Promise<string> {
  return eventually(`${path} has one`, async () => {
    const text = await (await call("get", path)).text();
    return /"id":"([0-9a-f]{32})"/.exec(text)?.[1] ?? false;
  });
}

async function classifiedStudy(call: Call) {
  const { studyUid, files } = phantomSeries({ kind: "brain", slices: 1, size: 32 });
  const [file = Buffer.of()] = files;
  const stored = await call("post", "/dicom-web/studies", file);
  if (!stored.ok) throw new Error(`a study: ${stored.status}`);
  const { sopInstanceUid: instance } = instanceFacts(readInstance(file));
  await call("post", `/api/v1/studies/${studyUid}/close`);
  const view = await eventually("the study is complete", async () => {
    const found = (await (await call("get", `/api/v1/studies/${studyUid}`)).json()) as StudyView;
    return found.state === "complete" && found;
  });
  return { view, instance };
}

/** A dead task beside the one that answered, which takes hours of failures otherwise. */
async function deadTaskOf(db: Database, prediction: string): Promise<string> {
  const done = await db
    .selectFrom("prediction")
    .innerJoin("task", "task.id", "prediction.task_id")
    .selectAll("task")
    .where("prediction.id", "=", prediction)
    .executeTakeFirstOrThrow();
  const { run_id, study_id, series_id, tenant_id, lane, model_id, model_version, manifest } = done;
  const id = newId<TaskId>();
  await db
    .insertInto("task")
    .values({
      ...{ id, run_id, study_id, series_id, tenant_id, lane, model_id, model_version, manifest },
      ...{ part: 1, slices: 1, state: "dead", error_code: "undecodable", error_detail: null },
      finished_at: new Date(),
    })
    .execute();
  return id;
}
