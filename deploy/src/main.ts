import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { generatedFiles } from "./generated-files.ts";

/** `npm run deploy:generate`: writes what other files are made from. */
const files = await generatedFiles();
for (const [path, text] of files) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
console.log(`deploy: ${files.size} files written`);
