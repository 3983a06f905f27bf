/**
 * TensorRT keeps its interface for newer libraries only: a provider compiled against 10.14 finds
 * in a 10.13 what is not there, and learns it when the first engine is built, on a GPU, at night.
 * Versions are written as TensorRT's headers do: 10.14.1 is 101401.
 */
const MAJOR = 10_000;
const MINOR = 100;
/** `mov $imm32, %esi`: the second argument of createInferBuilder and createInferRuntime. */
const SECOND_ARGUMENT = 0xbe;
const LIBRARY_NAME = /\.so\.(\d+)\.(\d+)\.(\d+)$/;

/** Of the headers that the provider was compiled with: the loader's name (`.so.10`) says no more. */
export function compiledAgainst(provider: Buffer, major: number): number {
  const found = new Set<number>();
  for (let at = provider.indexOf(SECOND_ARGUMENT); at !== -1; ) {
    if (at + 5 > provider.length) break;
    const value = provider.readUInt32LE(at + 1);
    if (Math.floor(value / MAJOR) === major) found.add(value);
    at = provider.indexOf(SECOND_ARGUMENT, at + 1);
  }
  const [version, ...others] = found;
  if (version === undefined || others.length > 0) {
    throw new Error(`cannot tell TensorRT's version from the provider: ${[...found]}`);
  }
  return version;
}

/** What is wrong with the library (its real name, `libnvinfer.so.10.14.1`) for the provider. */
export function tensorrtProblems(provider: Buffer, library: string): string[] {
  const [major = 0, minor = 0, patch = 0] = (LIBRARY_NAME.exec(library) ?? []).slice(1).map(Number);
  if (major === 0) return [`${library} does not name its version`];
  const needed = compiledAgainst(provider, major);
  const installed = major * MAJOR + minor * MINOR + patch;
  if (installed >= needed) return [];
  return [`compiled against TensorRT ${needed}, which is newer than ${library}`];
}
