// Every service at these addresses answers /readyz within a minute; the first, the gateway, asks
// those who read for a key.
const [, ...addresses] = process.argv.slice(1);
const WITHIN_MS = 60_000;
const began = Date.now();

async function statusOf(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).status;
  } catch (error) {
    return error.cause?.code ?? error.message;
  }
}

async function expect(url, wanted) {
  let status = await statusOf(url);
  while (status !== wanted && Date.now() - began < WITHIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    status = await statusOf(url);
  }
  console.log(`${status === wanted ? "ok    " : "FAILED"} ${url}: ${status}`);
  if (status !== wanted) process.exitCode = 1;
}

for (const address of addresses) await expect(`${address}/readyz`, 200);
await expect(`${addresses[0]}/dicom-web/studies`, 401);
