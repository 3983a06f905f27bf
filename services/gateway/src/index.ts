export { Dispatcher } from "./dispatch/dispatcher.ts";
export { openApi } from "./open-api.ts";
export { type Explanation, explain } from "./plan/explain.ts";
export { type GatewayOptions, type GatewayService, startGateway } from "./service.ts";
