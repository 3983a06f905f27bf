/** Any object of a manifest, as YAML gives it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** "Deployment axial-gateway": how a problem names the object that has it. */
export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** The value at `path` ("spec.template.spec"), or undefined where the path ends before. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Object.entries(inner).find(([name]) => name === key)?.[1];
  }, value);
}

/** The list at `path`; empty where there is none. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const list = at(value, path);
  return Array.isArray(list) ? list : [];
}

/** The text at `path`, or null. */
export function textAt(value: unknown, path: string): string | null {
  const text = at(value, path);
  return typeof text === "string" ? text : null;
}

export function ofKind(objects: readonly KubernetesObject[], ...kinds: string[]) {
  return objects.filter(({ kind }) => kinds.includes(kind));
}
