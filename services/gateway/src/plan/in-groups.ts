/** Limits of one group; a study that exceeds them has its own. */
interface GroupLimits {
  readonly studies: number;
  readonly instances: number;
}

/** Studies in their order, as many together as the limits allow. */
export function inGroups<Study extends { readonly instances: number }>(
  studies: readonly Study[],
  limits: GroupLimits,
): Study[][] {
  const groups: Study[][] = [];
  let room = 0;
  for (const study of studies) {
    const group = groups.at(-1);
    if (group === undefined || group.length >= limits.studies || study.instances > room) {
      groups.push([study]);
      room = limits.instances - study.instances;
    } else {
      group.push(study);
      room -= study.instances;
    }
  }
  return groups;
}
