import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import type { AddressGuard } from "./address-guard.ts";

/**
 * An address that a tenant may have Axial call: HTTPS to anywhere that the guard lets through, plain HTTP
 * only to an address that the operator has allowed. Throws `invalid-request` for any other.
 */
export function acceptedUrl(text: string, guard: AddressGuard): string {
  const url = URL.parse(text);
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const isPlain = url?.protocol === "http:" && guard.isAllowed(host);
  if (url === null || (url.protocol !== "https:" && !isPlain)) {
    throw new AxialError("invalid-request", { detail: "the address must begin with https://" });
  }
  if (url.username !== "" || url.password !== "") {
    throw new AxialError("invalid-request", { detail: "the address may hold no credentials" });
  }
  acceptedHost(host, guard);
  return url.href;
}

/**
 * Throws `invalid-request` for an address that the guard does not let through; names are looked up
 * when they are used.
 */
export function acceptedHost(host: string, guard: AddressGuard): void {
  if (isIP(host) === 0 || guard.mayReach(host)) return;
  const detail = "the address may not be reached; see AXIAL_DESTINATION_NETWORKS";
  throw new AxialError("invalid-request", { detail });
}
