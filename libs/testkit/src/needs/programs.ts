import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const PYTHON = process.env.AXIAL_TEST_PYTHON ?? "python3";

/** True when a program of that name is on the path, or where `go install` puts programs. */
export function hasProgram(name: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(delimiter), join(homedir(), "go/bin")];
  return folders.some((folder) => existsSync(join(folder, name)));
}

/** True when the Python of the tests (`AXIAL_TEST_PYTHON`) has this module. */
export function hasPython(module: string): boolean {
  return spawnSync(PYTHON, ["-c", `import ${module}`]).status === 0;
}
