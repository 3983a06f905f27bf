import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kindOfList, studiesOf } from "../../src/backfill/list-file/list-file.ts";
import { listRows } from "../../src/backfill/list-file/list-rows.ts";

describe("a list", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-list-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function written(name: string, content: string | Buffer): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, content);
    return file;
  }
  async function rows(file: string) {
    const named: string[] = [];
    for await (const row of listRows(file)) {
      named.push(
        row.kind === "path" ? row.path.toString("latin1") : `${"url" in row ? row.url : row.study}`,
      );
    }
    return named;
  }

  it("names files by CSV, from its own folder, with quotes, any line ends and any encoding", async () => {
    const text = '\ufeffsite,PATH\r\nA,/archive/one\r\n\r\nB,"with, comma"\r\nC,"two\nlines"\nD,';
    const file = await written(
      "paths.csv",
      Buffer.concat([Buffer.from(text), Buffer.from("\xe9t\xe9", "latin1")]),
    );
    const own = (name: string) => `${folder}/${name}`;
    expect(await rows(file)).toEqual([
      ...["/archive/one", own("with, comma"), own("two\nlines"), own("\xe9t\xe9")],
    ]);
    expect(await kindOfList(file)).toBe("files");
  });

  it("names addresses and files a JSON object a line, UTF-8 or not", async () => {
    const file = await written(
      "some.ndjson",
      Buffer.concat([
        Buffer.from('{"url":"https://user:secret@pacs.example.org/one"}\n\n{"path":"é"}\n'),
        Buffer.from('{"path":"\xe9"}', "latin1"),
      ]),
    );
    expect(await rows(file)).toEqual([
      "https://user:secret@pacs.example.org/one",
      `${folder}/${Buffer.from("é").toString("latin1")}`,
      `${folder}/\xe9`,
    ]);
  });

  it("names studies, page by page", async () => {
    const file = await written("studies.csv", "study,comment\n1.2.3,a\n1.2.4,b\n1.2.5,c\n");
    const pages: string[][] = [];
    for await (const page of studiesOf(file, 2)) pages.push(page);
    expect(pages).toEqual([["1.2.3", "1.2.4"], ["1.2.5"]]);
    expect(await kindOfList(file)).toBe("studies");
  });

  it.each([
    ["none.csv", "a,b\n1,2\n", "line 1: a list has a column path, url, study"],
    ["both.csv", "path,url\n/a,http://b\n", "line 2: it names one path, one url or one study"],
    ["short.csv", "path,site\n,A\n", "line 2: it names one path, one url or one study"],
    ["uid.csv", "study\n1.2.3\n1.02.3\n", "line 3: study is not a Study Instance UID"],
    ["ftp.csv", "url\nftp://host/file\n", "line 2: url is not an address of http or https"],
    ["text.ndjson", '{"path":"a"}\nnothing\n', "line 2: not JSON"],
  ])("says what is wrong with %s", async (name, content, reason) => {
    await expect(rows(await written(name, content))).rejects.toThrow(reason);
  });

  it("does not mix files and studies, and is not empty", async () => {
    const mixed = await written("mixed.csv", "study,path\n1.2.3,\n,/a\n");
    const all = async () => {
      for await (const _ of studiesOf(mixed, 10));
    };
    await expect(all()).rejects.toThrow("make two lists");
    await expect(kindOfList(await written("empty.csv", "path\n"))).rejects.toThrow("is empty");
  });
});
