import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import type { AddressGuard } from "../network/address-guard.ts";

/**
 * An address that deliveries may go to: HTTPS to anywhere that the guard lets through, plain HTTP
 * only to an address that the operator has allowed. Throws `invalid-request` for any other.
 */
export function acceptedUrl(text: string, guard: AddressGuard): string {
  const url = URL.parse(text);
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const isPlain = url?.protocol === "http:" && guard.isAllowed(host);
  if (url === null || (url.protocol !== "https:" && !isPlain)) {
    throw new AxialError("invalid-request", { detail: "the address must begin with https://" });
  }
  if (url.username !== "" || url.password !== "" || (isIP(host) !== 0 && !guard.mayReach(host))) {
    const detail = "the address may not be reached; see AXIAL_DESTINATION_NETWORKS";
    throw new AxialError("invalid-request", { detail });
  }
  return url.href;
}
