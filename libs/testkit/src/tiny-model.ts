import { fileURLToPath } from "node:url";

/** A models folder that holds one tiny model, `tiny-brain`, for tests that need real inference. */
export const TINY_MODELS: string = fileURLToPath(new URL("../models/", import.meta.url));
export const TINY_MODEL_ID = "tiny-brain";
