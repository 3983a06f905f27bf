export { Dispatcher } from "./dispatch/dispatcher.ts";
export { type PlanPreview, previewPlan } from "./plan/preview-plan.ts";
export { createGateway, type GatewayOptions } from "./service.ts";
