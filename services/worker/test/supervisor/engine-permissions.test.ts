import { describe, expect, it } from "vitest";
import { enginePermissions } from "../../src/supervisor/engine-permissions.ts";

describe("what an engine may read", () => {
  it("is a blob folder that is not there yet, when the engine starts", () => {
    const flags = enginePermissions({
      blobUrl: "file:///var/lib/axial/not-there-yet",
      packages: ["/models/a/1.0.0/"],
      tensorrtCache: null,
    });
    expect(flags).toContain("--allow-fs-read=/var/lib/axial/not-there-yet/*");
    expect(flags).toContain("--allow-fs-read=/models/a/1.0.0/*");
    expect(flags.filter((flag) => flag.startsWith("--allow-fs-write"))).toEqual([]);
  });
});
