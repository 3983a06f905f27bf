import { PassThrough } from "node:stream";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import {
  eventually,
  type ForgetfulNetwork,
  openForgetfulNetwork,
  queueBackends,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const logger = createLogger({ service: "test", destination: new PassThrough() });
const NOTICED_WITHIN_MS = 30_000;

for (const backend of queueBackends()) {
  describe(
    `connections to the queue on ${backend.name} of which nothing is heard`,
    backend.options,
    () => {
      let server: { url: string; stop(): Promise<void> };
      let network: ForgetfulNetwork;
      /** Beyond the network that forgets. */
      let queues: Queues;
      let near: Queues;

      beforeAll(async () => {
        server = await backend.start();
        const url = new URL(server.url);
        network = await openForgetfulNetwork(Number(url.port));
        url.port = String(network.port);
        queues = openQueues(url.href, { logger });
        near = openQueues(server.url, { logger });
      });
      afterAll(async () => {
        await queues?.close();
        await near?.close();
        await network?.close();
        await server?.stop();
      });

      const add = (id: string, by = queues) => by.jobs.add("lost", [{ id, data: {} }]);

      it("are given up by a producer, which puts the next job on the queue by new ones", async () => {
        const many = (prefix: string) => Array.from({ length: 16 }, (_, n) => add(`${prefix}${n}`));
        await Promise.all(many("before"));
        network.forget();
        const lost = await Promise.allSettled(many("while"));
        expect(lost.map(({ status }) => status)).toContain("rejected");
        const added = () =>
          add("after").then(
            () => true,
            () => false,
          );
        await eventually("the queue takes jobs again", added, NOTICED_WITHIN_MS);
        expect(await near.jobs.states("lost", ["after"])).toEqual(["waiting"]);
      });

      it("are given up by a consumer, which takes the next job by new ones", async () => {
        const taken = new Set<string>();
        queues.jobs.consume("lost", { concurrency: 4 }, async ({ id }) => void taken.add(id));
        await eventually("what waited is taken", async () => taken.has("after"));
        network.forget();
        await add("beyond", near);
        await eventually(
          "the consumer is back",
          async () => taken.has("beyond"),
          NOTICED_WITHIN_MS,
        );
      });
    },
  );
}
