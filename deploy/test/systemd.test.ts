import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { needs } from "@axial/testkit";
import { afterAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const UNIT = fileURLToPath(new URL("../systemd/axial.service", import.meta.url));
/** Of ten; systemd calls 2 to 4 "OK", and 9 is what a service without settings has. */
const MOST_EXPOSED = 25;

describe("the systemd unit", () => {
  const folder = mkdtempSync(join(tmpdir(), "axial-systemd-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The unit with the paths of this clone, whose programs are there. */
  function here(): string {
    const file = join(folder, "axial.service");
    writeFileSync(file, readFileSync(UNIT, "utf8").replaceAll("/opt/axial/", ROOT));
    return file;
  }

  it("starts what the clone has", () => {
    const [, program = "", main = ""] =
      /^ExecStart=(\S+) (\S+)/m.exec(readFileSync(here(), "utf8")) ?? [];
    expect(execFileSync(program, [main, "up", "--help"], { encoding: "utf8" })).toContain("--data");
  });

  it("is one that systemd takes without a word", needs("systemd"), () => {
    const checked = spawnSync("systemd-analyze", ["verify", here()], { encoding: "utf8" });
    const about = checked.stderr.split("\n").filter((line) => line.includes("axial.service"));
    expect(about).toEqual([]);
  });

  it("is hardened", needs("systemd"), () => {
    const flags = ["security", "--offline=true", `--threshold=${MOST_EXPOSED}`, here()];
    const checked = spawnSync("systemd-analyze", flags, { encoding: "utf8" });
    expect(checked.stdout).toContain("Overall exposure level");
    expect(checked.status, checked.stdout.slice(-300)).toBe(0);
  });
});
