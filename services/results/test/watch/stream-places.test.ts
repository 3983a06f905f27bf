import { describe, expect, it } from "vitest";
import { StreamPlaces } from "../../src/watch/stream-places.ts";

describe("places for event streams", () => {
  it("are bounded for each tenant, and come back", () => {
    const places = new StreamPlaces({ inAll: 10, each: 2 });
    const release = places.take("a");
    places.take("a");
    expect(() => places.take("a")).toThrow("2 event streams of the tenant");
    places.take("b");
    release();
    release();
    places.take("a");
    expect(() => places.take("a")).toThrow("2 event streams of the tenant");
  });

  it("are bounded in all", () => {
    const places = new StreamPlaces({ inAll: 2, each: 2 });
    places.take("a");
    places.take("b");
    expect(() => places.take("c")).toThrow("2 event streams are open");
  });
});
