import { onlyIf, skipNow } from "@axial/testkit";
import { describe, expect, it } from "vitest";

describe("a suite without its program", onlyIf(false, "apt-get install program"), () => {
  it("first", () => expect.fail());
  it("second", () => expect.fail());
});

it("on another system", onlyIf(false, "Linux"), () => expect.fail());

it("on a machine that does not let it", (context) => skipNow(context, "root on Linux"));

it("here", onlyIf(true, "apt-get install other"), () => {});
