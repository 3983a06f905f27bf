import type { LookupAddress, LookupAllOptions } from "node:dns";

/** Resolves a name to all of its addresses, as `lookup` of Node does. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Names that are looked up at once. Each takes one of the threads that also read and write files, for
 * many seconds where a name server does not answer.
 */
const AT_ONCE = 4;

/** `resolve` for a few names at once; the others wait for their turn. */
export function fewLookups(resolve: Resolve): Resolve {
  const waiting: (() => void)[] = [];
  let running = 0;
  return (host, options, callback) => {
    const start = () => {
      running += 1;
      resolve(host, options, (error, addresses) => {
        running -= 1;
        waiting.shift()?.();
        callback(error, addresses);
      });
    };
    if (running < AT_ONCE) start();
    else waiting.push(start);
  };
}
