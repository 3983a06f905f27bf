// Loaded into every process by NODE_OPTIONS. In an engine it plays an input that kills it: as soon
// as the engine has said that it began with a task whose id the file holds, it is gone.
import { readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const isEngine = isMainThread && process.argv[1]?.endsWith("/engine/main.ts");

// Beside this module, where the engine may read; it gets no variable of a test's.
const file = new URL("poison", import.meta.url);

if (isEngine && process.send !== undefined) {
  const send = process.send.bind(process);
  process.send = (messages) => {
    const poison = readFileSync(file, "utf8").trim();
    const begun = messages.some(({ kind, key }) => kind === "begun" && key.includes(poison));
    const fatal = poison !== "" && begun;
    return send(messages, () => fatal && process.kill(process.pid, "SIGKILL"));
  };
}
