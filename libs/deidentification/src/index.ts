export { Deidentifier, MAX_DECOMPRESSED_BYTES } from "./deidentifier.ts";
export type { DeidentifyOptions } from "./options.ts";
export { type PixelRule, PixelRuleSchema, PixelRulesSchema } from "./pixel-rules.ts";
