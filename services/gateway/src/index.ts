export { Dispatcher } from "./dispatch/dispatcher.ts";
export { openApi } from "./open-api.ts";
export { type Explanation, explain } from "./plan/explain.ts";
export { createGateway, type GatewayOptions } from "./service.ts";
