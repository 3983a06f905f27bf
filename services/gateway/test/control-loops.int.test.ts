import { createMetrics } from "@axial/kit";
import { eventually } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway } from "../src/index.ts";
import { CLOSE, phantom, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

describe("of two gateways", () => {
  let first: TestGateway;
  let standby: ReturnType<typeof createGateway>;
  const metrics = { first: createMetrics("gateway"), standby: createMetrics("gateway") };
  beforeAll(async () => {
    first = await startGateway({ metrics: metrics.first });
  });
  afterAll(async () => {
    await standby.close();
    await first.close();
  });
  const { planned } = plansOf(() => first);

  const leads = async (which: keyof typeof metrics) => {
    const { values } = await metrics[which].controlLeader.get();
    return values[0]?.value === 1;
  };

  it("one plans, and the other takes over when it closes", async () => {
    await eventually("the first leads", () => leads("first"));
    standby = createGateway({ ...first.wiring, metrics: metrics.standby });
    await standby.start();
    expect(await leads("standby")).toBe(false);
    await first.gateway.close();
    expect(await leads("first")).toBe(false);
    await eventually("the standby leads", () => leads("standby"));
    const { studyUid, files } = phantom(1);
    await stow(first, files, CLOSE);
    expect(await planned(studyUid)).toHaveLength(1);
  });
});
