/**
 * Stands in for `@tensorflow/tfjs-node`, whose native library comes from a host of its own: a
 * backend of the same name that calls Node's `util` where the real one does. With
 * STUB_PEER=broken every operation fails, as those of a library built for another Node; with
 * STUB_PEER=no-device the GPU build finds none and says so.
 */
const util = require("node:util");
const tf = require("@tensorflow/tfjs-core");
const { MathBackendCPU } = require("@tensorflow/tfjs-backend-cpu");

const BACKEND = "tensorflow";

for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: (args) => {
      if (process.env.STUB_PEER === "broken") throw new Error("cannot run here");
      if (util.isNullOrUndefined(args.inputs)) throw new Error("Invalid input tensors value.");
      if (util.isArray(args.inputs)) throw new Error("inputs are named");
      return kernelFunc(args);
    },
  });
}
tf.registerBackend(BACKEND, () => {
  const isUsingGpuDevice = process.env.STUB_PEER !== "no-device";
  return Object.assign(new MathBackendCPU(), { isUsingGpuDevice });
});
