/**
 * To be imported before onnxruntime-node. Since 1.29 its official builds report to Microsoft what a
 * process runs (names and hashes of models, a device id kept in the user's cache) unless this is
 * set before ONNX Runtime starts. A hospital's worker must not report to third parties.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
