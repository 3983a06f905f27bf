/** A service's event loop delay since its `/metrics` were last read. */
const P99 = /^axial_nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? (\S+)$/m;

/** 99th percentile of the event loop's delay since the last call, in milliseconds. */
export async function eventLoopP99Ms(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const seconds = P99.exec(await response.text())?.[1];
  return Number(seconds ?? Number.NaN) * 1_000;
}
