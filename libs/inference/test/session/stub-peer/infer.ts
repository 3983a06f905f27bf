import { registerHooks } from "node:module";

/** Runs the package in argv[2] on the provider in argv[3], with the stub peers installed. */
const STUB = new URL("./tfjs-node.cjs", import.meta.url).href;
const PEERS = new Set(["@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"]);
registerHooks({
  resolve: (specifier, context, next) =>
    PEERS.has(specifier) ? { url: STUB, shortCircuit: true } : next(specifier, context),
});

const { loadModelPackage, openSession, verifyGolden } = await import("../../../src/index.ts");
const [, , folder = "", provider = ""] = process.argv;
const pkg = await loadModelPackage(folder);
const session = await openSession(pkg, { providers: [provider as "cpu" | "cuda"], threads: 1 });
const { cases } = await verifyGolden(session, pkg);
await session.close();
console.log(JSON.stringify({ provider: session.provider, cases }));
