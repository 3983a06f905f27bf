import { Type } from "typebox";

/** Roles of API keys, least powerful first: each includes those before it. */
export const ROLES = ["reader", "sender", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];
export const RoleSchema = Type.Enum([...ROLES]);

export function roleAllows(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
