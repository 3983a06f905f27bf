/** Model packages without a runtime: for code that plans, lists or renders and never infers. */
export { listModelPackages } from "./list-packages.ts";
export { readManifest } from "./load-package.ts";
export { ModelCatalogue } from "./model-catalogue.ts";
export { preprocessingHash } from "./preprocessing-hash.ts";
