import { loadConfig } from "@axial/kit";
import { QUEUE_ENVIRONMENT, serviceEnvironment } from "@axial/service";
import { Type } from "typebox";

export const ResultsEnvSchema = Type.Object({
  ...serviceEnvironment(8082),
  ...QUEUE_ENVIRONMENT,
  AXIAL_MODELS_DIR: Type.String({ default: "./models" }),
  AXIAL_OUTCOME_KEYS: Type.String({
    default: "",
    description: "secrets shared with the workers, parted by commas: any of them signs outcomes",
  }),
  AXIAL_DESTINATION_NETWORKS: Type.String({
    default: "",
    description: "internal networks where destinations and sources may be, separated by commas",
  }),
  AXIAL_DESTINATION_FOLDER: Type.String({
    default: "",
    description: "below it lie destinations that are folders; empty: there are none",
  }),
});

/** The service's settings, from its environment. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  return loadConfig(ResultsEnvSchema, source);
}
