import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "@axial/testkit";
import { launch } from "../../src/chaos/stack/place.ts";
import type { Host } from "../../src/machines/host.ts";
import { Network } from "../../src/machines/network.ts";

/**
 * Run in a network of its own by the test beside it: prints which hosts reach each other, fault by
 * fault.
 */
const run = promisify(execFile);
const SERVER = `require("node:http").createServer((_, answer) => answer.end()).listen(8080)`;
/** Five requests, one after the other; prints the milliseconds that the last four took. */
const CLIENT = `const ask = () => fetch(process.argv[1], { signal: AbortSignal.timeout(1500) });
  const asks = async () => {
    await ask();
    const began = performance.now();
    for (let left = 4; left > 0; left--) await ask();
    console.log(performance.now() - began);
  };
  asks().then(() => process.exit(0), () => process.exit(1));`;
/** Each of them is two packets at least, of 20 ms each where that is all that the kernel can do. */
const SLOW_MS = 100;

const network = await Network.open();
const [server, client, other] = await Promise.all(
  ["server", "client", "other"].map((name) => network.addHost(name)),
);
if (server === undefined || client === undefined || other === undefined) throw new Error("no host");
const serve = () => launch(server.launcher, [process.execPath, "-e", SERVER], { stdio: "ignore" });
/** How long requests take, or null when the server is unreachable. */
const timed = (host: Host) => {
  const [ip = "", ...rest] = host.launcher;
  const node = [process.execPath, "-e", CLIENT, `http://${server.address}:8080`];
  return run(ip, [...rest, ...node]).then(
    ({ stdout }) => Number(stdout),
    () => null,
  );
};
const reaches = async (host: Host) => (await timed(host)) !== null;

serve();
await eventually("the server is reached", () => reaches(client));
await server.cutOff();
const cutOff = await reaches(client);
await server.plugIn();
await eventually("the server is reached again", () => reaches(client));
await server.partFrom([client]);
const parted = { client: await reaches(client), other: await reaches(other) };
await server.meetAgain([client]);
const met = await reaches(client);
await server.slowDown();
const slow = ((await timed(client)) ?? 0) > SLOW_MS;
await server.speedUp();
await server.vanish();
const vanished = await reaches(client);
await server.appear();
const restarted = serve();
await eventually("the server is back", () => reaches(client));
restarted.kill();
process.stdout.write(JSON.stringify({ cutOff, parted, met, slow, vanished }));
process.exit(0);
