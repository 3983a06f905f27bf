import { AxialError, type Head, type ModelPackage } from "@axial/contracts";

/**
 * Checks what the schema cannot express: names are unique, marginals sum over existing labels, and
 * the preprocessing produces what the input takes. Throws `invalid-model`.
 */
export function checkManifest(manifest: ModelPackage): void {
  const { input, preprocessing, heads } = manifest;
  const channels = preprocessing.channels === "rgb" ? 3 : 1;
  if (channels !== input.channels) {
    throw invalid(`preprocessing produces ${channels} channels, the input takes ${input.channels}`);
  }
  if (input.dtype === "uint8" && input.scale !== undefined) {
    throw invalid("input.scale is for float32 inputs only");
  }
  const { intensity } = preprocessing;
  if (intensity.kind === "percentiles" && intensity.low >= intensity.high) {
    throw invalid("preprocessing.intensity: low is not below high");
  }
  assertUnique(
    "head name",
    heads.flatMap((head) => [head.name, ...marginalNames(head)]),
  );
  for (const head of heads) checkHead(head);
}

function checkHead(head: Head): void {
  const labels = head.labels.map((label) => label.id);
  assertUnique(`label of ${head.name}`, labels);
  for (const marginal of head.marginals ?? []) {
    assertUnique(
      `label of ${marginal.name}`,
      marginal.labels.map((label) => label.id),
    );
    const parts = marginal.labels.flatMap((label) => label.of);
    assertUnique(`part of ${marginal.name}`, parts);
    const stranger = parts.find((part) => !labels.includes(part));
    if (stranger !== undefined) {
      throw invalid(`marginal ${marginal.name} sums ${stranger}, no label of ${head.name}`);
    }
  }
}

function marginalNames(head: Head): string[] {
  return (head.marginals ?? []).map((marginal) => marginal.name);
}

function assertUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`${what} ${twice} appears twice`);
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
