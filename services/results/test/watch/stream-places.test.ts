import { describe, expect, it } from "vitest";
import { StreamPlaces } from "../../src/watch/stream-places.ts";

describe("places for event streams", () => {
  it("are bounded for each key, and come back", () => {
    const places = new StreamPlaces({ inAll: 10, perKey: 2 });
    const release = places.take("a");
    places.take("a");
    expect(() => places.take("a")).toThrow("2 event streams of this key");
    places.take("b");
    release();
    release();
    places.take("a");
    expect(() => places.take("a")).toThrow("2 event streams of this key");
  });

  it("are bounded in all", () => {
    const places = new StreamPlaces({ inAll: 2, perKey: 2 });
    places.take("a");
    places.take("b");
    expect(() => places.take("c")).toThrow("2 event streams are open");
  });
});
