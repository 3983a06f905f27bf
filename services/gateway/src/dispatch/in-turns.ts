/** Tasks of one tenant, and its weight. */
export interface Turns<Task> {
  readonly weight: number;
  readonly tasks: readonly Task[];
}

/**
 * The tasks of all tenants in the order in which they would have gone one by one: what one pass
 * moves stays on the queue for a while, and a tenant of few tasks must not queue behind all of
 * another's.
 */
export function inTurns<Task>(tenants: readonly Turns<Task>[]): Task[] {
  return tenants
    .flatMap(({ weight, tasks }) =>
      tasks.map((task, index) => ({ task, turn: (index + 1) / weight })),
    )
    .sort((one, other) => one.turn - other.turn)
    .map(({ task }) => task);
}
