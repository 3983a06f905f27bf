import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackfillView } from "@axial/contracts";
import { has, queueBackends, redisSays } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answersInDatabase, rerunsWithoutNews } from "../src/backfill/answers.ts";
import { Axial, answerLine, newestOnce } from "../src/backfill/cli.ts";
import { CUT_OFF, type HostileTree, writeHostileTree } from "../src/backfill/hostile-tree.ts";
import { openStoreLedger, type StoreLedger } from "../src/backfill/store-ledger.ts";
import { query } from "../src/chaos/audit/query.ts";
import { type System, startSystem } from "../src/system.ts";

/** `AXIAL_BACKFILL_STUDIES=2000` for the size of a real weekend's sample. */
const STUDIES = Number(process.env.AXIAL_BACKFILL_STUDIES ?? 60);
const WITHIN_MS = 170_000 + STUDIES * 500;
/** Requests of a client at once, and what may cut them off: the gateway's end, and PostgreSQL's. */
const PARALLEL = 2;
const CUTS = 2;

const backend = queueBackends().find(({ name }) => name === (has("redis") ? "redis" : "postgres"));

interface Sent {
  readonly items: Readonly<Record<string, number>>;
  readonly tallies: readonly { readonly code: string | null; readonly items: number }[];
}

/**
 * One backfill through everything that happens in a weekend. Small, so that the suite stays quick;
 * the same test runs with 2,000 studies.
 */
describe("a backfill of a hostile tree", () => {
  let system: System;
  let ledger: StoreLedger;
  let axial: Axial;
  let folder: string;
  let tree: HostileTree;

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue backend");
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-backfill-"));
    tree = await writeHostileTree(join(folder, "tree"), STUDIES);
    system = await startSystem(backend);
    ledger = await openStoreLedger(system.url.gateway);
    axial = new Axial({ url: ledger.url, key: system.key, folder });
  }, WITHIN_MS * 2);
  afterAll(async () => {
    await ledger?.close();
    await system?.stop();
    await rm(folder, { recursive: true, force: true });
  }, WITHIN_MS);

  /** The newest backfill once it is so. */
  const seen = (what: string, is: (found: BackfillView) => boolean) =>
    newestOnce(system, { what, is, withinMs: WITHIN_MS });
  const stored = async () => {
    const count = "SELECT count(*)::integer AS n FROM instance";
    return (await query<{ n: number }>(system.databaseUrl, count))[0]?.n ?? 0;
  };
  const start = (name: string, ...more: string[]) => [
    ...["backfill", "start", join(folder, "tree"), "--name", name, "--models", "tiny-brain"],
    ...["--yes", ...more],
  ];

  it(
    "every study has an end, nothing is sent twice, and the export equals the database",
    async () => {
      // The client dies when the server has its first request, and before it hears of that.
      const stored128 = ledger.hold("answer");
      const first = axial.spawn(...start("weekend", "--rate", "30", "--parallel", "1"));
      for (const stream of [first.stdout, first.stderr]) stream?.resume();
      const gone = once(first, "close");
      const forget = await stored128;
      first.kill("SIGKILL");
      await gone;
      forget();

      // The gateway dies in the middle of a request of the second, and PostgreSQL in the next.
      const cut = ledger.hold("half");
      const second = axial.run(...start("weekend", "--json", "--parallel", String(PARALLEL)));
      const letBreak = await cut;
      const repeated = ledger.hold("half");
      await system.process("gateway").end("SIGKILL");
      letBreak();
      await system.start("gateway");
      const letGoOn = await repeated;
      await system.crashPostgres();
      letGoOn();
      const { code, stdout, stderr } = await second;
      // Of the rubbish some was unreadable: not all of it went well, and everything else did.
      expect([code, stdout !== ""], stderr).toEqual([1, true]);
      const { sent } = JSON.parse(stdout) as { sent: Sent };
      // What the first had sent was known, and not sent again.
      expect((sent.items.new ?? 0) + (sent.items.known ?? 0)).toBe(tree.instances);
      expect(sent.items.known).toBeGreaterThan(0);
      const coded = sent.tallies.filter((tally) => tally.code !== null);
      expect(Object.fromEntries(coded.map(({ code, items }) => [code, items]))).toEqual(
        tree.leftOut,
      );

      await axial.ok("backfill", "pause", "weekend");
      await system.process("results").end("SIGKILL");
      await system.process("worker").end("SIGKILL");
      await system.start("results");
      await system.start("worker");
      await axial.ok("backfill", "set", "weekend", "--rate", "none");
      await axial.ok("backfill", "resume", "weekend");
      // The whole queue is lost while studies run, and PostgreSQL once more.
      await seen("some run", ({ items }) => items.running > 0);
      if (has("redis")) await redisSays(system.queueUrl, "FLUSHALL");
      await system.crashPostgres();
      const done = await seen("it is done", ({ state }) => state === "done");
      expect(done.items).toEqual({
        ...{ waiting: 0, sent: 0, running: 0, failed: 0, skipped: 0 },
        // One is refused without an image: its only file was cut off.
        ...{ done: STUDIES - tree.knees, refused: tree.knees + 1 },
      });

      // Nothing that the server had said to have was sent once more, only what was under way at a cut:
      // as often as it takes until the server is back.
      expect(ledger.needless).toEqual([]);
      // The file that was cut off is among them.
      expect(ledger.sent.size).toBe(tree.instances + 1);
      const repeats = [...ledger.sent.values()].filter((times) => times > 1);
      expect(repeats.length).toBeLessThanOrEqual(CUTS * PARALLEL * ledger.largest);
      const sendings = () => [...ledger.sent.values()].reduce((sum, times) => sum + times, 0);
      const before = sendings();
      const third = await axial.run(
        "send",
        join(folder, "tree"),
        "--afresh",
        "--keep-open",
        "--json",
      );
      expect((JSON.parse(third.stdout) as Sent).items).toMatchObject({
        ...{ new: 0, known: tree.instances },
      });
      // Only what was refused is offered again.
      expect(sendings()).toBe(before + 1);
      expect(await stored()).toBe(tree.instances);

      const rows = await axial.exported("weekend");
      const answered = rows.filter(({ outcome }) => outcome !== "none");
      expect(answered).toHaveLength(STUDIES);
      expect(rows.filter((row) => !answered.includes(row))).toMatchObject([{ code: CUT_OFF }]);
      // A study that a cut divided may have run with its first half: its answer is that of the whole.
      const current = await answersInDatabase(system.databaseUrl);
      expect(answered.map(answerLine).toSorted()).toEqual(current.map(answerLine).toSorted());
      expect(current.filter(({ whole }) => !whole)).toEqual([]);
      expect(await rerunsWithoutNews(system.databaseUrl)).toEqual([]);
    },
    WITHIN_MS * 2,
  );

  it(
    "hours, rate and an end by request outlast gateway and database",
    async () => {
      const hour = String((new Date().getHours() + 2) % 24).padStart(2, "0");
      const hours = `${hour}:00-${hour}:01`;
      // Nothing is sent, for all of it is known; nothing starts, for it is not the hour.
      await axial.run(...start("nights", "--window", hours, "--models", "tiny-brain@1.0.0"));
      await axial.ok("backfill", "set", "nights", "--rate", "7");
      const restart = async () => {
        await system.process("gateway").end("SIGKILL");
        await system.crashPostgres();
        await system.start("gateway");
      };
      await restart();
      const kept = await seen("it is there again", ({ name }) => name === "nights");
      expect(kept).toMatchObject({ state: "running", window: hours, ratePerMinute: 7 });
      expect(kept.items).toMatchObject({ sent: STUDIES, running: 0, done: 0 });
      await axial.ok("backfill", "cancel", "nights");
      await restart();
      const ended = await seen("it is there again", ({ name }) => name === "nights");
      expect(ended).toMatchObject({ state: "cancelled" });
      expect(ended.items).toMatchObject({ sent: 0, skipped: STUDIES, refused: 1 });
    },
    WITHIN_MS,
  );
});
