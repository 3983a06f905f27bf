import { ConfigError, loadConfig } from "@axial/kit";
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
  AXIAL_UNSIGNED_OUTCOMES: Type.Enum(["on", "off"], {
    default: "off",
    description: "accept unsigned outcomes, from any client that can write to the queue",
  }),
  AXIAL_DESTINATION_NETWORKS: Type.String({
    default: "",
    description: "internal networks where destinations and sources may be, separated by commas",
  }),
  AXIAL_DESTINATION_FOLDER: Type.String({
    default: "",
    description: "parent of destinations that are folders; empty: no such destinations",
  }),
});

/** The service's settings, from its environment. Throws ConfigError with what is wrong with it. */
export function readConfig(source: NodeJS.ProcessEnv = process.env) {
  const config = loadConfig(ResultsEnvSchema, source);
  if (config.AXIAL_OUTCOME_KEYS === "" && config.AXIAL_UNSIGNED_OUTCOMES === "off") {
    throw new ConfigError([
      "AXIAL_OUTCOME_KEYS is missing, by which results knows its workers; AXIAL_UNSIGNED_OUTCOMES=on does without",
    ]);
  }
  return config;
}
