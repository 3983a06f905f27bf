export { readArmFigures } from "./arm-figures.ts";
export {
  type CanaryRow,
  chooseVersion,
  forgetChoice,
  lockCanary,
  readCanaries,
} from "./canaries.ts";
