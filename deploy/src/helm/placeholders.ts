/**
 * A place in an object where the chart has an expression. Written as a plain word, which the YAML
 * writer leaves alone, and turned into Helm's braces afterwards.
 */
export function placeholder(expression: string): string {
  return `HELM<${expression}>`;
}

const IN_LINE = /HELM<([^>]*)>/g;
const WHOLE_VALUE = /^( *)([\w.-]+): HELM<yaml ([^>]*)>$/gm;
const OPTIONAL_LINE = /^( *)([\w.-]+): HELM<unless (\S+) ([^>]*)>$/gm;

/** `{{` of other templates, as text. */
export const BRACES = placeholder('"{{"');
/** A value that begins with them: a plain word now, and a mapping once the braces are there. */
const BRACES_FIRST = new RegExp(`^( *(?:- )?[\\w.-]+: )(${BRACES}.*)$`, "gm");

/** The template of a text with placeholders. */
export function withExpressions(yaml: string): string {
  return yaml
    .replace(
      BRACES_FIRST,
      (_all, key: string, value: string) => `${key}'${value.replaceAll("'", "''")}'`,
    )
    .replace(
      WHOLE_VALUE,
      (_all, indent: string, key: string, value: string) =>
        `${indent}${key}:\n${indent}  {{- toYaml .Values.${value} | nindent ${indent.length + 2} }}`,
    )
    .replace(
      OPTIONAL_LINE,
      (_all, indent: string, key: string, off: string, value: string) =>
        `${indent}{{- if not .Values.${off} }}\n${indent}${key}: {{ .Values.${value} }}\n${indent}{{- end }}`,
    )
    .replace(IN_LINE, "{{ $1 }}");
}
