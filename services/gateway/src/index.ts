export { Dispatcher } from "./dispatch/dispatcher.ts";
export { openApi } from "./open-api.ts";
export { type PlanPreview, previewPlan } from "./plan/preview-plan.ts";
export { createGateway, type GatewayOptions } from "./service.ts";
