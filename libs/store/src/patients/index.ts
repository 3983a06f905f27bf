export { foldedText, type NamePattern, namePattern } from "./folded-name.ts";
export { contradictions, IDENTITY_FACTS, IDENTITY_TAGS, identityOf } from "./identity.ts";
export {
  FIRST_IDENTITY,
  type NamedPatient,
  type Resolution,
  readPatients,
  resolveIdentities,
} from "./resolve-identities.ts";
