import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import { freePort } from "@axial/local-postgres";
import { eventually, needs } from "@axial/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const LOST_WITHIN_MS = 60_000;
/** What servers want that were started with it; the others do not mind being told. */
const PASSWORD = "secret";

describe("queues on several Redis servers", needs("redis-server"), () => {
  let folder: string;
  let servers: ChildProcess[];
  let queues: Queues | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-redis-topology-"));
    servers = [];
  });
  afterEach(async () => {
    await queues?.close();
    for (const server of servers) server.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** A server on a free port, with these lines of configuration. */
  async function start(lines: readonly string[], ...flags: string[]) {
    const port = await freePort();
    const file = join(folder, `${port}.conf`);
    const common = [`port ${port}`, "bind 127.0.0.1", `dir ${folder}`, 'save ""'];
    await writeFile(file, [...common, ...lines].join("\n"));
    const server = spawn("redis-server", [file, ...flags], { stdio: "ignore" });
    servers.push(server);
    await eventually("redis answers", () => ask(port, "ping").endsWith("PONG"));
    return { port, server };
  }

  function ask(port: number, ...words: string[]): string {
    const env = { ...process.env, REDISCLI_AUTH: PASSWORD };
    return spawnSync("redis-cli", ["-p", String(port), ...words], { env })
      .stdout.toString()
      .trim();
  }

  function open(url: string): Queues {
    queues = openQueues(url, {
      logger: createLogger({ service: "test", destination: new PassThrough() }),
    });
    return queues;
  }

  it.each([
    ["sentinels with the servers' password", [`requirepass ${PASSWORD}`]],
    ["sentinels without a password", []],
  ])(
    "go on with the new master when it was chosen by %s",
    async (_what, guard) => {
      const guarded = [`requirepass ${PASSWORD}`, `masterauth ${PASSWORD}`];
      const master = await start(guarded);
      const replica = await start([...guarded, `replicaof 127.0.0.1 ${master.port}`]);
      const watch = [
        ...guard,
        `sentinel monitor axial 127.0.0.1 ${master.port} 2`,
        `sentinel auth-pass axial ${PASSWORD}`,
        "sentinel down-after-milliseconds axial 1000",
        "sentinel failover-timeout axial 5000",
      ];
      const sentinels: Awaited<ReturnType<typeof start>>[] = [];
      for (let index = 0; index < 3; index++) sentinels.push(await start(watch, "--sentinel"));
      await eventually("the replica follows", () =>
        ask(master.port, "info", "replication").includes("state=online"),
      );
      await eventually("the sentinels know each other", () =>
        sentinels.every(({ port }) =>
          ask(port, "sentinel", "master", "axial").includes("num-other-sentinels\n2"),
        ),
      );
      const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
      const failover = open(`redis+sentinel://:${PASSWORD}@${addresses}/axial`);
      const taken: string[] = [];
      const consumer = failover.jobs.consume("infer-stat", { concurrency: 1 }, async (job) => {
        taken.push(job.id);
      });
      const heard: string[] = [];
      const reading = failover.streams.read("results", { concurrency: 4 }, async ({ id }) => {
        heard.push(id);
      });
      await failover.jobs.add("infer-stat", [{ id: "before", data: {} }]);
      await failover.streams.append("results", [{ id: "before", data: {} }]);
      await eventually("the first job is taken", () => taken.includes("before"));
      await eventually("the first message is read", () => heard.includes("before"));

      master.server.kill("SIGKILL");
      await eventually(
        "a job goes through the new master",
        async () => {
          await failover.jobs
            .add("infer-stat", [{ id: `after-${Date.now()}`, data: {} }])
            .catch(() => {});
          return taken.some((id) => id.startsWith("after"));
        },
        LOST_WITHIN_MS,
      );
      await eventually(
        "a message goes through the new master",
        async () => {
          await failover.streams.append("results", [{ id: "after", data: {} }]).catch(() => {});
          return heard.includes("after");
        },
        LOST_WITHIN_MS,
      );
      expect(ask(replica.port, "info", "replication")).toContain("role:master");
      await Promise.all([consumer.close(), reading.close()]);
    },
    120_000,
  );

  it("keep every key in one slot of a cluster", async () => {
    const nodes: Awaited<ReturnType<typeof start>>[] = [];
    for (let index = 0; index < 3; index++) {
      const bus = `cluster-port ${await freePort()}`;
      const state = `cluster-config-file nodes-${index}.conf`;
      nodes.push(await start(["cluster-enabled yes", bus, state]));
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const made = spawnSync("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"]);
    expect(made.stdout.toString()).toContain("All 16384 slots covered");
    await eventually("the cluster is up", () =>
      nodes.every(({ port }) => ask(port, "cluster", "info").includes("cluster_state:ok")),
    );
    const cluster = open(`redis+cluster://${addresses.join(",")}`);
    const taken: string[] = [];
    const consumer = cluster.jobs.consume("infer-routine", { concurrency: 4 }, async (job) => {
      taken.push(job.id);
    });
    const jobs = Array.from({ length: 20 }, (_, index) => ({
      id: `job-${index}`,
      data: { index },
    }));
    await eventually("the cluster takes jobs", async () =>
      cluster.jobs.add("infer-routine", jobs).then(
        () => true,
        () => false,
      ),
    );
    await eventually("every job is taken", () => taken.length >= jobs.length, LOST_WITHIN_MS);
    expect(new Set(taken).size).toBe(jobs.length);
    const heard: string[] = [];
    const reading = cluster.streams.read("results", { concurrency: 4 }, async ({ id }) => {
      heard.push(id);
    });
    await cluster.streams.append("results", [...jobs, { id: "urgent", data: {}, first: true }]);
    await eventually("every message is read", () => heard.length > jobs.length, LOST_WITHIN_MS);
    await eventually(
      "all are settled",
      async () => (await cluster.streams.unsettled("results")).size === 0,
    );
    await Promise.all([consumer.close(), reading.close()]);
  }, 120_000);
});
