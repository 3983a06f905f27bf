import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually, freePort, needs, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DimseServer, echo, listenDimse, type Peer, sendInstances } from "../src/index.ts";

const run = promisify(execFile);

/** Encrypted associations with dcmtk: we are the acceptor, and the requestor. */
describe("TLS with dcmtk", needs("dcmtk"), () => {
  let folder: string;
  let server: DimseServer;
  let stored = 0;
  const troubles: Error[] = [];
  const at = (name: string) => join(folder, name);
  const pem = (name: string) => readFile(at(name), "utf8");

  /** A key and a certificate of `ca` for this machine; without it the authority itself. */
  async function certificate(name: string, ca: string | null): Promise<void> {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const signed =
      ca === null
        ? ["-addext", "basicConstraints=critical,CA:TRUE"]
        : [
            ...["-CA", at(`${ca}.crt`), "-CAkey", at(`${ca}.key`)],
            ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
          ];
    await run("openssl", [
      ...["req", "-x509", ...key, "-subj", `/CN=${name}`, "-days", "2", ...signed],
      ...["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)],
    ]);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-dimse-tls-"));
    await certificate("house", null);
    await certificate("other", null);
    for (const name of ["axial", "modality"]) await certificate(name, "house");
    await certificate("stranger", "other");
    server = await listenDimse({
      host: "127.0.0.1",
      port: 0,
      tls: {
        key: await pem("axial.key"),
        cert: await pem("axial.crt"),
        ca: await pem("house.crt"),
      },
      associate: async () => ({
        status: "accepted",
        session: {
          store: async ({ body }) => {
            for await (const _chunk of body);
            stored += 1;
            return { status: 0 };
          },
          commit: async (request) => ({ ...request, failed: [] }),
          committed: async () => false,
          reportLater: () => {},
          end: () => {},
        },
      }),
      trouble: (error) => troubles.push(error),
    });
    const { files } = phantomSeries({ kind: "brain", slices: 2, size: 32 });
    for (const [index, bytes] of files.entries()) await writeFile(at(`${index}.dcm`), bytes);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const encrypted = (name: string, authority = "house") => [
    ...["+tls", at(`${name}.key`), at(`${name}.crt`), "+cf", at(`${authority}.crt`)],
  ];
  const scu = (tool: string, args: readonly string[]) =>
    run(tool, [...args.slice(0, -1), "127.0.0.1", String(server.port), ...args.slice(-1)]);
  const echoscu = (...args: string[]) =>
    run("echoscu", [...args, "127.0.0.1", String(server.port)]);

  test("dcmtk with a certificate of the house echoes and stores", async () => {
    await echoscu(...encrypted("modality"));
    await scu("storescu", [...encrypted("modality"), at("0.dcm")]);
    expect(stored).toBe(1);
  });

  test("without one, with another's, or in the clear, no association is opened", async () => {
    await expect(echoscu(...encrypted("stranger"))).rejects.toThrow();
    await expect(echoscu("+tla", "-ic")).rejects.toThrow();
    await expect(echoscu()).rejects.toThrow();
    expect(troubles.length).toBeGreaterThan(0);
    expect(server.associations).toBe(0);
  });

  describe("storescp", () => {
    let storescp: ChildProcess;
    let peer: Peer;

    beforeAll(async () => {
      const port = await freePort();
      await mkdir(at("out"));
      storescp = spawn("storescp", ["-od", at("out"), ...encrypted("axial"), String(port)], {
        stdio: "ignore",
      });
      const tls = {
        ...{ ca: await pem("house.crt"), cert: await pem("modality.crt") },
        ...{ key: await pem("modality.key"), servername: "localhost" },
      };
      const titles = { calledAeTitle: "STORESCP", callingAeTitle: "AXIAL" };
      peer = { host: "127.0.0.1", port, ...titles, tls };
      await eventually("storescp answers", () =>
        echo(peer).then(
          () => true,
          () => false,
        ),
      );
    });
    afterAll(async () => {
      const ended = once(storescp, "exit");
      storescp.kill("SIGTERM");
      await ended;
    });

    test("takes what Axial sends with a certificate", async () => {
      const files = await Promise.all(["0.dcm", "1.dcm"].map((name) => readFile(at(name))));
      const outcomes = await sendInstances(peer, files);
      expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
      expect(await readdir(at("out"))).toHaveLength(2);
    });

    test("is not spoken to when its certificate is of another name or authority", async () => {
      const { tls = {} } = peer;
      const elsewhere = { ...peer, tls: { ...tls, servername: "pacs.example.org" } };
      await expect(echo(elsewhere)).rejects.toMatchObject({ code: "peer-unreachable" });
      const other = { ...peer, tls: { ...tls, ca: await pem("other.crt") } };
      await expect(echo(other)).rejects.toMatchObject({ code: "peer-unreachable" });
    });
  });
});
