// Tells a process that npm or npx started when they end. npm passes SIGTERM on to the shell that it
// runs a command in, and that dies of it without a word to the command; killed by SIGKILL it passes on
// nothing.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";

const LOOK_EVERY_MS = 500;
/** Processes between npm and this one: a shell, and what else a script of npm starts in between. */
const MAX_BETWEEN = 6;
const NPM = /^np[mx] |\bnp[mx](-cli)?\.[cm]?js\b/;

/** Calls `gone` once npm has ended, or a process between it and this one. */
export function whenNpmEnds(gone) {
  if (process.env.npm_command === undefined) return;
  const starters = startersUpToNpm();
  if (starters.length === 0) return;
  const timer = setInterval(() => {
    if (isWhole(starters)) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  timer.unref();
}

/** Ids from the parent up to npm; empty when npm is not among the ancestors. */
function startersUpToNpm() {
  const found = [];
  for (let pid = process.ppid; pid > 1 && found.length < MAX_BETWEEN; pid = parentOf(pid)) {
    found.push(pid);
    if (NPM.test(commandOf(pid))) return found;
  }
  return [];
}

/** An ended process hands its children to another: the links between them tell, also of zombies. */
function isWhole(starters) {
  return [process.pid, ...starters].every((pid, index) => {
    const next = starters[index];
    return next === undefined || parentOf(pid) === next;
  });
}

function parentOf(pid) {
  if (pid === process.pid) return process.ppid;
  try {
    if (platform() !== "linux") return Number(ps("ppid", pid));
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

function commandOf(pid) {
  try {
    if (platform() !== "linux") return ps("command", pid);
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function ps(column, pid) {
  return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}
