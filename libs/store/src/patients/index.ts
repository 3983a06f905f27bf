export { contradictions, IDENTITY_FACTS, identityOf } from "./identity.ts";
export {
  FIRST_IDENTITY,
  type NamedPatient,
  readPatients,
  resolveIdentities,
} from "./resolve-identities.ts";
export { keepNames, type NamedStudy } from "./study-names.ts";
