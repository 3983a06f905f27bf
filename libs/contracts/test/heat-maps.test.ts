import { describe, expect, it } from "vitest";
import { decodeHeatMaps, encodeHeatMaps } from "../src/index.ts";

describe("heat maps", () => {
  it("come back within half a step of the eight bits", () => {
    const maps = [Float32Array.of(-1, 0, 1, 3), Float32Array.of(2, 2, 2, 2)];
    const read = decodeHeatMaps(encodeHeatMaps({ label: 5, height: 2, width: 2 }, maps));
    expect(read).toMatchObject({ label: 5, height: 2, width: 2 });
    read.maps.forEach((map, index) => {
      const step = (map.high - map.low) / 255;
      map.values.forEach((byte, cell) => {
        const value = map.low + byte * step;
        expect(Math.abs(value - (maps[index]?.[cell] ?? 0))).toBeLessThanOrEqual(step / 2 + 1e-6);
      });
    });
  });

  it("refuses what is not a heat-map blob", () => {
    const whole = encodeHeatMaps({ label: 0, height: 2, width: 2 }, [new Float32Array(4)]);
    expect(() => decodeHeatMaps(whole.subarray(0, whole.length - 1))).toThrow("not a heat-map");
    expect(() => decodeHeatMaps(new Uint8Array(40))).toThrow("not a heat-map");
    expect(() => decodeHeatMaps(new Uint8Array(3))).toThrow("not a heat-map");
  });

  it("keeps a map that is not a number drawable", () => {
    const maps = [Float32Array.of(Number.NaN, Number.NaN)];
    const read = decodeHeatMaps(encodeHeatMaps({ label: 0, height: 1, width: 2 }, maps));
    expect([...(read.maps[0]?.values ?? [])]).toEqual([0, 0]);
  });
});
