/** TensorFlow.js itself, for inspecting a network before it is a package. */
export { type DeclaredNetwork, declareNetwork } from "./tfjs-network.ts";
