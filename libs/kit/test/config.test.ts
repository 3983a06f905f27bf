import { ConfigError, loadConfig } from "@axial/kit";
import { Type } from "typebox";
import { describe, expect, it } from "vitest";

const Schema = Type.Object({
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080 }),
  SECRET: Type.String({ minLength: 4 }),
  ON: Type.Boolean({ default: false }),
});

describe("loadConfig", () => {
  it("coerces, fills in defaults and freezes", () => {
    const config = loadConfig(Schema, { PORT: "81", SECRET: "abcd", OTHER: "x" });
    expect(config).toEqual({ PORT: 81, SECRET: "abcd", ON: false });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("takes an empty variable for a missing one", () => {
    expect(loadConfig(Schema, { PORT: "", SECRET: "abcd" }).PORT).toBe(8080);
  });

  it("names every problem at once and quotes no value", () => {
    const broken = () => loadConfig(Schema, { PORT: "99999", SECRET: "abc" });
    expect(broken).toThrow(ConfigError);
    expect(broken).toThrow(/PORT.*SECRET/);
    expect(broken).not.toThrow(/99999|abc/);
  });
});
