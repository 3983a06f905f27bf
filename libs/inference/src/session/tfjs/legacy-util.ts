import util from "node:util";

/**
 * What `@tensorflow/tfjs-node` and `-node-gpu` 4.22 call of Node's `util` in nearly every
 * operation. Node 23 removed the first; the second is deprecated.
 */
const CALLED_BY_TFJS_NODE = {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
};

/** Puts back what is missing; to be called before the native TensorFlow.js is loaded. */
export function supplyLegacyUtil(): void {
  for (const [name, value] of Object.entries(CALLED_BY_TFJS_NODE)) {
    if (name in util) continue;
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}
