import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onlyIf } from "@axial/testkit";
import { expect, it } from "vitest";
import { reasonToSkip } from "../../src/machines/reason-to-skip.ts";

const run = promisify(execFile);
const TRIAL = fileURLToPath(new URL("network-trial.ts", import.meta.url));

const reason = await reasonToSkip();

it(
  "hosts are cut off, parted, slowed and gone as their faults say",
  onlyIf(reason === null, "network namespaces (root on Linux, iproute2, util-linux)"),
  async () => {
    const trial = ["--net", "--mount", "--", process.execPath, TRIAL];
    const { stdout } = await run("unshare", trial);
    expect(JSON.parse(stdout)).toEqual({
      cutOff: false,
      parted: { client: false, other: true },
      met: true,
      slow: true,
      vanished: false,
    });
  },
);
