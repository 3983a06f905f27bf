export { type Recorder, type RecorderDependencies, startRecorder } from "./recorder/recorder.ts";
