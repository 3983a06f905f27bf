import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import type { AddressGuard } from "./address-guard.ts";

/**
 * The address of a host that the guard lets through: what is connected to is what was checked.
 * Rejects with `peer-unreachable`; the detail quotes no address.
 */
export function checkedAddress(host: string, guard: AddressGuard): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (detail: string) => reject(new AxialError("peer-unreachable", { detail }));
    if (isIP(host) !== 0) {
      return guard.mayReach(host) ? resolve(host) : refuse("not an allowed address");
    }
    guard.lookup(host, { all: false }, (error, address) => {
      if (error === null) resolve(String(address));
      else refuse(error.code ?? error.message);
    });
  });
}
