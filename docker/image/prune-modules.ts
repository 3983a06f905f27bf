import { globSync, rmSync, statSync } from "node:fs";
import { arch, platform } from "node:os";
import { join, sep } from "node:path";

/**
 * Removes from a node_modules folder what a running service never reads: source maps and type
 * declarations, the binaries of other platforms, second and third copies of a package in module
 * formats that Node does not load, and what a package names as needed and has in its bundle. Prints what that saved. What should not have gone is
 * noticed by check-image.ts in the same build.
 */
const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: prune-modules.ts NODE_MODULES");

const NOT_READ = [
  "**/*.map",
  "**/*.d.{ts,mts,cts}",
  "**/*.{md,markdown,flow,tsbuildinfo}",
  "@types",
  "@fontsource/*/**/*.{css,scss,woff2}",
  "@babel/runtime-corejs3",
  "core-js-pure",
  "**/dcmjs/build/dcmjs.{es,min}.js",
  "fontkit/dist/browser*",
  "pdfkit/js/pdfkit.{browser,old,standalone}*",
  "@tensorflow/*/src",
  "@tensorflow/*/dist/*.{min,fesm,es2017}.*",
  "@tensorflow/*/dist/*.{es2017,fesm}.min.*",
  "@tensorflow/*/dist/**/*_test.js",
];
/** The licence texts stay: they are what the licences ask for. */
const KEPT = /(^|[/\\])(licen[cs]e|notice|copying)[^/\\]*$/i;
const ONNX_RUNTIME = "onnxruntime-node/bin/*/*/*";

function isOtherPlatform(path: string): boolean {
  return !path.endsWith(join(sep, platform(), arch()));
}

function bytesOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.size;
  return globSync("**/*", { cwd: path })
    .map((file) => statSync(join(path, file)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

const doomed = [
  ...globSync(NOT_READ, { cwd: folder }).filter((path) => !KEPT.test(path)),
  ...globSync(ONNX_RUNTIME, { cwd: folder }).filter(isOtherPlatform),
];
let saved = 0;
for (const path of doomed) {
  saved += bytesOf(join(folder, path));
  rmSync(join(folder, path), { recursive: true, force: true });
}
console.log(`${folder}: ${doomed.length} paths removed, ${Math.round(saved / 1e6)} MB`);
