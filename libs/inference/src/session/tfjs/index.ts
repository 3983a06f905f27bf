/** TensorFlow.js itself: for whoever asks what a network is before there is a package of it. */
export { type DeclaredNetwork, declareNetwork } from "./tfjs-network.ts";
