export { acceptedHost, acceptedUrl } from "./accepted-url.ts";
export { type AddressGuard, createAddressGuard } from "./address-guard.ts";
export { checkedAddress } from "./checked-address.ts";
export { assertTaken, guardedRequest } from "./guarded-request.ts";
export { type GuardedResponse, guardedStream } from "./guarded-stream.ts";
