export * from "./due-renderings.ts";
export * from "./own-instances.ts";
