// Makes the package @axial/client that can be published: JavaScript and declarations, with those of
// the contracts that they rest on inside. Usage: node scripts/pack-client.ts FOLDER
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = resolve(process.argv[2] ?? join(root, "libs/client/dist"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const project = join(out, "tsconfig.json");
writeFileSync(
  project,
  JSON.stringify({
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      ...{ noEmit: false, declaration: true, rewriteRelativeImportExtensions: true },
      ...{ rootDir: join(root, "libs"), outDir: out, lib: ["ES2024", "DOM", "DOM.Iterable"] },
      ...{ typeRoots: [join(root, "node_modules/@types")], types: ["node"] },
    },
    // What is imported by a package name is not emitted unless it is named itself.
    include: ["client", "contracts"].map((lib) => join(root, `libs/${lib}/src`)),
  }),
);
execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", project], { cwd: root, stdio: "inherit" });
rmSync(project);

for (const name of globSync("**/*.{js,d.ts}", { cwd: out })) {
  const file = join(out, name);
  const contract = (entry: string) => {
    const path = relative(dirname(file), join(out, `contracts/src/${entry}.js`));
    return JSON.stringify(path.startsWith(".") ? path : `./${path}`);
  };
  const text = readFileSync(file, "utf8")
    .replaceAll(/"@axial\/contracts(?:\/(\w+))?"/g, (_whole, entry = "index") => contract(entry))
    .replaceAll(/(from |import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"');
  writeFileSync(file, text);
}

interface PackageFile {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}
const packageFileOf = (lib: string) =>
  JSON.parse(readFileSync(join(root, `libs/${lib}/package.json`), "utf8")) as PackageFile;
const { version, license } = packageFileOf("client");
writeFileSync(
  join(out, "package.json"),
  `${JSON.stringify(
    {
      ...{ name: "@axial/client", version, license, type: "module" },
      description: "Typed client for Axial's HTTP API",
      exports: { ".": { types: "./client/src/index.d.ts", default: "./client/src/index.js" } },
      engines: { node: ">=20" },
      dependencies: packageFileOf("contracts").dependencies,
    },
    null,
    2,
  )}\n`,
);
cpSync(join(root, "LICENSE"), join(out, "LICENSE"));
cpSync(join(root, "libs/client/README.md"), join(out, "README.md"));
