// Which Axial processes run on the Node of a folder. Only known on Linux.
import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** Ids of other Node processes whose program lies under `folder`, an absolute path. */
export function runningFrom(folder) {
  return processIds().filter((pid) => pid !== process.pid && isNodeUnder(folder, programOf(pid)));
}

function isNodeUnder(folder, program) {
  return program.startsWith(folder) && basename(program) === "node";
}

function processIds() {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Empty for one that has ended, or is another user's. */
function programOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}
