import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { phantomSeries, tarGzipOf, tarOf, zipOf } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinName, shownItem, shownName } from "../../src/files/file-name.ts";
import { readFound } from "../../src/files/read-found.ts";
import { folderMemory, walk } from "../../src/files/walk.ts";

const PREFIX = 132;

describe("reading a tree", () => {
  let folder: string;
  const { files } = phantomSeries({ kind: "brain", slices: 8, size: 16 });
  const instance = (index: number) => files[index] ?? Buffer.alloc(0);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-walk-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Name below the folder → what became of it. */
  async function read(below: string): Promise<Record<string, string>> {
    const root = join(folder, below);
    const seen: Record<string, string> = {};
    for await (const found of walk(Buffer.from(root), folderMemory())) {
      for await (const item of readFound(found)) {
        const name = shownItem(item.name).replace(`${root}/`, "").replace(root, ".");
        seen[name] = item.status === "instance" ? "instance" : item.code;
        if (item.status === "instance") await item.content.release();
      }
    }
    return seen;
  }

  async function put(below: string, name: string | Buffer, bytes: Buffer): Promise<void> {
    await mkdir(join(folder, below), { recursive: true });
    await writeFile(joinName(Buffer.from(join(folder, below)), Buffer.from(name)), bytes);
  }

  it("reads names of any encoding, files without preamble, and names what is not an instance", async () => {
    await put("names", Buffer.from("caf\xe9.dcm", "latin1"), instance(0));
    await put("names", "脳.dcm", instance(1));
    await put("names", "a\nb.dcm", instance(2));
    await put("names", "no-preamble", instance(3).subarray(PREFIX));
    await put("names", "notes.txt", Buffer.from("a note about the patient ".repeat(20)));
    await put("names", "empty.dcm", Buffer.alloc(0));
    await put("names", "cut-in-header.dcm", instance(4).subarray(0, 400));
    expect(await read("names")).toEqual({
      "caf\\xE9.dcm": "instance",
      "脳.dcm": "instance",
      "a\\x0Ab.dcm": "instance",
      "no-preamble": "instance",
      "notes.txt": "not-dicom",
      "empty.dcm": "empty",
      "cut-in-header.dcm": "missing-identifiers",
    });
  });

  it("follows links, reads a folder once, and is not held up by pipes, loops or broken links", async () => {
    await put("links/real", "1.dcm", instance(0));
    const links = join(folder, "links");
    await symlink(join(links, "real/1.dcm"), join(links, "one.dcm"));
    await symlink(links, join(links, "real/loop"));
    await symlink(join(links, "gone"), join(links, "broken"));
    execFileSync("mkfifo", [join(links, "pipe")]);
    // Reads of a process's memory at 0 fail as those of a bad sector do.
    await symlink("/proc/self/mem", join(links, "bad-sector"));
    expect(await read("links")).toEqual({
      "real/1.dcm": "instance",
      "one.dcm": "instance",
      "real/loop": "already-read",
      broken: "broken-link",
      pipe: "no-file",
      "bad-sector": "read-error",
    });
    expect(await read("nowhere")).toEqual({ ".": "missing" });
  });

  it("reads what archives hold, and names what of them is damaged", async () => {
    const entry = (index: number, name = `${index}.dcm`) => ({
      name: Buffer.from(name),
      bytes: instance(index),
    });
    const latin = { name: Buffer.from("caf\xe9.dcm", "latin1"), bytes: instance(1) };
    const whole = zipOf([entry(0), latin, { name: Buffer.from("x.txt"), bytes: Buffer.from("x") }]);
    const damaged = Buffer.from(zipOf([entry(2), entry(3)]));
    const at = damaged.indexOf(instance(2)) + 500;
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    const tar = await tarOf([entry(4), entry(5)]);
    await put("archives", "whole.zip", whole);
    await put("archives", "damaged.zip", damaged);
    await put("archives", "cut.zip", whole.subarray(0, -30));
    await put("archives", "whole.tar", tar);
    await put("archives", "cut.tar", tar.subarray(0, instance(4).length + 2_000));
    await put("archives", "whole.tgz", await tarGzipOf([entry(6)]));
    await put("archives", "single.dcm.gz", gzipSync(instance(7)));
    await put("archives", "cut.gz", gzipSync(instance(7)).subarray(0, 300));
    await put("archives", "nested.zip", zipOf([{ name: Buffer.from("in.zip"), bytes: whole }]));
    await put("archives", "other.7z", Buffer.from("7z\xbc\xaf\x27\x1c rest", "latin1"));
    expect(await read("archives")).toEqual({
      "whole.zip!0.dcm": "instance",
      "whole.zip!caf\\xE9.dcm": "instance",
      "whole.zip!x.txt": "not-dicom",
      "damaged.zip!2.dcm": "broken-entry",
      "damaged.zip!3.dcm": "instance",
      "cut.zip": "broken-archive",
      "whole.tar!4.dcm": "instance",
      "whole.tar!5.dcm": "instance",
      "cut.tar!4.dcm": "instance",
      "cut.tar!5.dcm": "broken-entry",
      "cut.tar": "broken-archive",
      "whole.tgz!6.dcm": "instance",
      "single.dcm.gz!single.dcm.gz": "instance",
      "cut.gz!cut.gz": "broken-entry",
      "nested.zip!in.zip": "nested-archive",
      "other.7z": "unknown-archive",
    });
  });

  it("shows a name that is not UTF-8 byte by byte", () => {
    expect(shownName(Buffer.from("\xff\xfeÄ", "latin1"))).toBe("\\xFF\\xFE\\xC4");
    expect(shownName(Buffer.from("Ä"))).toBe("Ä");
  });
});
