import { Type } from "typebox";

/** AE titles: 16 characters of the default repertoire without backslash (PS3.5 6.2, VR AE). */
export const AeTitleSchema = Type.String({ pattern: "^(?! )[ -\\[\\]-~]{1,16}(?<! )$" });
export const HostSchema = Type.String({ pattern: "^[0-9A-Za-z.:_-]{1,253}$" });
export const PortSchema = Type.Integer({ minimum: 1, maximum: 65_535 });
export const UrlSchema = Type.String({ maxLength: 2_048 });
const PemSchema = Type.String({ maxLength: 65_536 });
/** An Authorization header, whole. */
export const AuthorizationSchema = Type.String({ maxLength: 4_096 });

export const TlsSchema = Type.Object(
  {
    ca: Type.Optional(PemSchema),
    cert: Type.Optional(PemSchema),
    key: Type.Optional(PemSchema),
  },
  { description: "PEM; without `ca` the system's authorities are trusted; cert and key: mTLS" },
);

/** Fields of a destination or source that are never shown. */
const SECRETS: ReadonlySet<string> = new Set(["authorization", "clientSecret", "key"]);

/** What may be shown of a target: all but its secrets, at any depth. */
export function withoutSecrets(target: object): Record<string, unknown> {
  const shown = Object.entries(target).filter(([name]) => !SECRETS.has(name));
  return Object.fromEntries(
    shown.map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "object" && value !== null ? withoutSecrets(value) : value,
    ]),
  );
}
