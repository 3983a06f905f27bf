/** A queue that does not answer within this time counts as down. */
const ANSWER_TIMEOUT_MS = 3_000;

/**
 * Resolves like `work`. Rejects when the queue does not answer in time: `add` hangs on a dead
 * Redis.
 */
export async function answered<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the queue did not answer within ${ANSWER_TIMEOUT_MS} ms`)),
      ANSWER_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
