/** The paths at which two readings of one file differ, each with what both say. */
export function differences<T>(
  ours: ReadonlyMap<string, T>,
  theirs: ReadonlyMap<string, T>,
): string[] {
  const paths = new Set([...ours.keys(), ...theirs.keys()]);
  return [...paths].flatMap((path) => {
    const [mine, other] = [JSON.stringify(ours.get(path)), JSON.stringify(theirs.get(path))];
    return mine === other ? [] : [`${path}: ours ${mine}, theirs ${other}`];
  });
}
