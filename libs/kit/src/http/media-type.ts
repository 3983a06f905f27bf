/** A media type with its parameters; names in lower case, values unquoted (RFC 9110 8.3.1). */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETER = /\s*;\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/gy;

/** Reads a Content-Type; quoted and unquoted values are equivalent (PS3.18 8.7). */
export function parseMediaType(header: string): MediaType {
  const semicolon = header.indexOf(";");
  const type = (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  if (semicolon !== -1) {
    for (const [, name = "", value = ""] of header.slice(semicolon).matchAll(PARAMETER)) {
      parameters.set(name.toLowerCase(), unquote(value.trim()));
    }
  }
  return { type, parameters };
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, "$1");
}
