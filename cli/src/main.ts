import "@axial/blobs/thread-pool";
import { endWithStarter } from "@axial/kit/starter";
import { programFor } from "./program.ts";

endWithStarter();

// `head` and its like close the pipe when they have seen enough: this is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

try {
  const program = await programFor(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`axial: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
