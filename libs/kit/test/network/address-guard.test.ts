import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../src/network/address-guard.ts";

describe("createAddressGuard", () => {
  const guard = createAddressGuard(["10.1.0.0/16"]);

  it("lets through the internet and what is allowed", () => {
    for (const address of ["93.184.216.34", "2606:4700::1111", "10.1.2.3"]) {
      expect({ address, may: guard.mayReach(address) }).toEqual({ address, may: true });
    }
  });

  it("refuses this host, private networks and cloud metadata, in every clothing", () => {
    for (const address of [
      "127.0.0.1",
      "10.2.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "::1",
      "::",
      "fe80::1",
      "fd00::1",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "64:ff9b::7f00:1",
      "64:ff9b:1::7f00:1",
      "::ffff:0:7f00:1",
      "fec0::1",
      "192.88.99.1",
      "100::1",
      "100:0:0:1::1",
      "2001:2::1",
      "2001:db8::1",
      "3fff::1",
      "5f00::1",
      "4000::1",
      "203.0.113.1",
      "fe80::1%eth0",
      "example.org",
    ]) {
      expect({ address, may: guard.mayReach(address) }).toEqual({ address, may: false });
    }
  });

  it("refuses a name that leads inside", async () => {
    const error = await new Promise((resolve) =>
      guard.lookup("localhost", {}, (reason) => resolve(reason)),
    );
    expect(error).toMatchObject({ message: expect.stringContaining("not allowed") });
  });

  it("looks up a few names at once: a silent name server holds up no files", async () => {
    const asked: (() => void)[] = [];
    const slow = createAddressGuard([], (_host, _options, callback) => {
      asked.push(() => callback(null, [{ address: "93.184.216.34", family: 4 }]));
    });
    const found = Array.from({ length: 10 }, (_, index) => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      slow.lookup(`host-${index}`, {}, (_reason, address) => resolve(address));
      return promise;
    });
    expect(asked).toHaveLength(4);
    for (const answer of asked) answer();
    expect(await Promise.all(found)).toEqual(Array.from({ length: 10 }, () => "93.184.216.34"));
  });
});
