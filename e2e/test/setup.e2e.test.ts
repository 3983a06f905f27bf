import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, copyFile, cp, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { needs } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const SCRIPTS = fileURLToPath(new URL("../../scripts", import.meta.url));

describe("npm run setup", needs("linux"), () => {
  let tree: string;
  let node: string;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), "axial-e2e-setup-"));
    node = join(tree, "node_modules/node/bin/node");
    await cp(SCRIPTS, join(tree, "scripts"), { recursive: true });
    await writeFile(join(tree, "package-lock.json"), "{}");
    await mkdir(dirname(node), { recursive: true });
    await link(process.execPath, node).catch(() => copyFile(process.execPath, node));
    // An npm that only notes that it was asked to install.
    await mkdir(join(tree, "bin"));
    await writeFile(join(tree, "bin/npm"), `#!/bin/sh\necho "$@" > ${tree}/installed\n`);
    await chmod(join(tree, "bin/npm"), 0o755);
  });
  afterAll(() => rm(tree, { recursive: true, force: true }));

  const setup = () =>
    spawnSync(process.execPath, [join(tree, "scripts/setup.mjs")], {
      env: { ...process.env, PATH: `${tree}/bin:${process.env.PATH}` },
      encoding: "utf8",
    });
  const isInstalled = () => existsSync(join(tree, "installed"));

  it("takes nothing away from processes that run, and installs once they have ended", async () => {
    const running = spawn(node, ["-e", "console.log('up'); setInterval(() => {}, 1000)"]);
    await once(running.stdout, "data");
    const refused = setup();
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`run from this folder: ${running.pid}.`);
    expect(isInstalled()).toBe(false);
    running.kill("SIGKILL");
    await once(running, "exit");
    expect(setup().status).toBe(0);
    expect(isInstalled()).toBe(true);
  });

  it("installs nothing when nothing has changed, whatever runs", async () => {
    await rm(join(tree, "installed"));
    const running = spawn(node, ["-e", "console.log('up'); setInterval(() => {}, 1000)"]);
    await once(running.stdout, "data");
    expect(setup().status).toBe(0);
    expect(isInstalled()).toBe(false);
    running.kill("SIGKILL");
  });
});
