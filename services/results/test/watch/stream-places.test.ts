import { describe, expect, it } from "vitest";
import { StreamPlaces } from "../../src/watch/stream-places.ts";

describe("StreamPlaces", () => {
  it("a tenant has as many as its quota, and a freed one again", () => {
    const places = new StreamPlaces(10);
    places.take("a", 2);
    const free = places.take("a", 2);
    expect(() => places.take("a", 2)).toThrow("2 event streams of the tenant");
    places.take("b", 2);
    free();
    free();
    places.take("a", 2);
    expect(() => places.take("a", 2)).toThrow("2 event streams of the tenant");
    places.take("a", null);
  });

  it("all together have as many as the process serves", () => {
    const places = new StreamPlaces(2);
    places.take("a", null);
    places.take("b", null);
    expect(() => places.take("c", null)).toThrow("2 event streams are open");
  });
});
