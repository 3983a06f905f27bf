import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readVolume } from "@axial/kit";
import { copyCluster, eventually, needs, phantomSeries } from "@axial/testkit";
import {
  AUDIENCE,
  CLIENT_ID,
  type IdentityProvider,
  RESOURCE,
  startIdentityProvider,
} from "@axial/testkit/identity-provider";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHROMIUM_FLAGS, installedChromium } from "../src/chromium.ts";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";
import { multipartRelated } from "../src/stow.ts";

/** Every section, as its address names it. */
const SECTIONS = [
  ...["", "studies", "backfills", "dead", "destinations", "models"],
  ...["tenants", "keys", "audit", "no-such-page"],
];
/** Short, so that a token expires while a test looks on. */
const TOKEN_SECONDS = 4;
/** Of the disk's limit: between where operators are told and where routine is turned away. */
const NEAR = 0.8;
/** Where the blob store keeps what is whole. */
const BLOBS_FOLDER = /^[0-9a-f]{2}$/;
/** Playwright's own limit of 30 s is one of speed. */
const HANGS_AFTER_MS = 300_000;

interface Findings {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
const executablePath = installedChromium();

const options = { ...needs("chromium"), timeout: 2 * HANGS_AFTER_MS };

describe("the console", options, () => {
  let axial: OneMachine;
  let data: string;
  let provider: IdentityProvider;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    provider = await startIdentityProvider({
      claims: { axial_role: "radiology" },
      accessTokenSeconds: TOKEN_SECONDS,
    });
    const environment = {
      AXIAL_OIDC_ISSUER: provider.issuer,
      AXIAL_OIDC_AUDIENCE: AUDIENCE,
      AXIAL_OIDC_TENANT: "default",
      AXIAL_OIDC_ROLES: "radiology=operator",
      AXIAL_OIDC_CLOCK_SKEW_SECONDS: "0",
      AXIAL_OIDC_CLIENT_ID: CLIENT_ID,
      AXIAL_OIDC_SCOPE: "openid offline_access",
      AXIAL_OIDC_RESOURCE: RESOURCE,
      AXIAL_DESTINATION_NETWORKS: "127.0.0.1",
      // The disk is near its limit, whatever other tests write meanwhile, and takes studies.
      AXIAL_RESERVED_DISK_BYTES: String(NEAR * (await readVolume(tmpdir())).free),
    };
    data = await mkdtemp(join(tmpdir(), "axial-console-"));
    await chmod(data, 0o755);
    await copyCluster(data);
    [axial, browser] = await Promise.all([
      startOneMachine(undefined, { environment, data }),
      chromium.launch({ executablePath: executablePath ?? "", args: [...CHROMIUM_FLAGS] }),
    ]);
    provider.redirectTo(`${axial.url}/console/`);
  }, HANGS_AFTER_MS);
  afterAll(async () => {
    await browser?.close();
    await axial?.stop();
    await provider?.close();
    await rm(data, { recursive: true, force: true });
  });

  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage();
    page.setDefaultTimeout(HANGS_AFTER_MS);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // The identity provider's pages are not ours.
      const ours = message.location().url.startsWith(axial.url);
      if (message.type() === "error" && ours) complaints.push(message.text());
    });
    await page.goto(`${axial.url}/console/`);
  });
  afterEach(() => page.close());

  async function signIn(key = axial.key): Promise<void> {
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
  }

  async function send(kind: "brain" | "knee"): Promise<string> {
    const series = phantomSeries({ kind, slices: 6, size: 64 });
    const { contentType, body } = multipartRelated(series.files);
    const answer = await fetch(`${axial.url}/dicom-web/studies`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${axial.key}`,
        "content-type": contentType,
        accept: "application/dicom+json",
        "axial-close": "true",
      },
      body,
    });
    expect(answer.status).toBe(200);
    return series.studyUid;
  }

  it("asks for a key, says when it is wrong, and forgets it on request", async () => {
    await signIn("not-a-key-not-a-key-not-a-key");
    await page.getByText("This key is not valid.").waitFor();
    await signIn();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("API key").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
  });

  it("signs people in at the identity provider, and keeps them signed in when a token expires", async () => {
    const heading = (name: string) => page.getByRole("heading", { name }).waitFor();
    await page.getByRole("button", { name: "Sign in with your account" }).click();
    await page.locator("input[name=login]").fill("ada");
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    const renewing = page.waitForRequest((request) =>
      (request.postData() ?? "").includes("grant_type=refresh_token"),
    );
    // What the provider asks before it grants offline access.
    await page.locator("button[type=submit]", { hasText: "Continue" }).click();
    await heading("Overview");
    const renewal = await (await renewing).response();
    expect(renewal?.status()).toBe(200);
    await page.getByRole("link", { name: "Studies" }).click();
    await heading("Studies");
    expect(complaints).toEqual([]);
    // No token is kept where a later page could find it; a page that is loaded again asks silently.
    const kept = await page.evaluate(
      "JSON.stringify([{ ...sessionStorage }, { ...localStorage }])",
    );
    expect(kept).toBe('[{"axial-at-provider":"yes"},{}]');
    await page.reload();
    await heading("Studies");
    // Offline access was not asked for this time: the token ends, and what was written stays.
    await page.getByLabel("Study Instance UID begins with").fill("1.2.3");
    await page.getByRole("alert").getByText("Your sign-in has ended.").waitFor();
    expect(await page.getByLabel("Study Instance UID begins with").inputValue()).toBe("1.2.3");
    await page.getByRole("button", { name: "Sign in again" }).click();
    await page.locator("button[type=submit]", { hasText: "Continue" }).click();
    await heading("Studies");
    const revoking = page.waitForRequest((request) => request.url().endsWith("/revocation"));
    await page.getByRole("button", { name: "Sign out" }).click();
    expect((await (await revoking).response())?.status()).toBe(200);
    await page.getByLabel("API key").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
  });

  it("tells operators that a limit of the intake is near while uploads are still taken", async () => {
    await signIn();
    await page
      .getByRole("alert")
      .getByText(/Intake: the blob store's disk is at \d+ % of its limit, with [\d.]+ GB free/)
      .waitFor();
    await send("brain");
  });

  it("follows a study from the moment it is sent to its heat maps", async () => {
    await signIn();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const uid = await send("brain");
    await page.goto(`${axial.url}/console/#/studies/${uid}`);
    await page.getByRole("heading", { name: "tiny-brain 1.0.0" }).waitFor();
    await page.getByText("For research use only").first().waitFor();
    const slices = page.getByRole("button", { name: /^Slice 1 / });
    await slices.click();
    const picture = page.getByRole("dialog").locator("img.over");
    // The dialog opens at once and its picture follows: before that there is nothing to decode.
    await picture.and(page.locator("[src^='blob:']")).waitFor();
    await picture.evaluate((image: { decode(): Promise<void> }) => image.decode());
    await page.keyboard.press("ArrowRight");
    await page.getByText(/^Slice 2 of/).waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "DICOM SR" }).click();
    expect((await saving).suggestedFilename()).toBe(`${uid}.report.sr`);
    expect(complaints).toEqual([]);
  });

  it("finds a study that was refused, by the keyboard, and says why in words", async () => {
    await signIn();
    await send("brain");
    const uid = await send("knee");
    await page.getByRole("link", { name: "Studies" }).press("Enter");
    await page.getByLabel("Study Instance UID begins with").fill(uid);
    await page.keyboard.press("Enter");
    // Alone once the search is answered: a link of the list before would go under the key.
    const found = page.locator(`tr:only-child a[href="#/studies/${uid}"]`);
    await found.waitFor();
    await found.press("Enter");
    await page.getByRole("heading", { name: "Not classified" }).waitFor();
    await page
      .getByText("No installed model takes this series.")
      .or(page.getByText("The body part is not the model's."))
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it("runs a study again and pauses a lane, each only when it is confirmed", async () => {
    await signIn();
    const uid = await send("brain");
    await page.goto(`${axial.url}/console/#/studies/${uid}`);
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByRole("button", { name: "Leave it" }).click();
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Run again" }).click();
    await page.getByRole("cell", { name: "superseded" }).waitFor();
    await page.goto(`${axial.url}/console/#/`);
    const backfill = page.getByRole("row", { name: /^backfill/ });
    await backfill.getByRole("button", { name: "Pause" }).click();
    await page.getByLabel("Reason, for the audit").fill("maintenance");
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await page.getByRole("alert").getByText("The lane backfill is paused").waitFor();
    await backfill.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await backfill.getByRole("button", { name: "Pause" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows a slice under its heat map, at a window that the reader chooses", async () => {
    await signIn();
    const uid = await send("brain");
    await page.goto(`${axial.url}/console/#/studies/${uid}`);
    await page.getByRole("button", { name: /^Slice 1 / }).click();
    const asked = page.waitForRequest((request) => request.url().includes("window=40,80,linear"));
    await page.getByLabel("Window").selectOption("40,80");
    expect((await (await asked).response())?.status()).toBe(200);
    await page.locator(".under[src^='blob:']").waitFor();
    await page.getByText("Patient", { exact: true }).waitFor({ state: "attached" });
    expect(complaints).toEqual([]);
  });

  /** Calls the API as the administrator. */
  async function call(method: string, path: string, body: object = {}): Promise<Response> {
    const answer = await fetch(`${axial.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${axial.key}`, "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return answer;
  }

  /** Nothing overflows at 390 pixels, axe finds nothing serious. */
  async function checkPage(name: string): Promise<void> {
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect([name, width]).toEqual([name, 390]);
    // As an evaluation: the page's own policy allows no script of ours.
    await page.evaluate(axe.source);
    const found = (await page.evaluate("axe.run()")) as Findings;
    const serious = found.violations.filter(({ impact }) => /serious|critical/.test(impact));
    expect([name, serious.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([name, []]);
    const folder = process.env.AXIAL_SCREENSHOTS;
    if (folder !== undefined) {
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    }
  }

  it("is usable on a telephone and without sight: no section overflows or fails axe", async () => {
    await checkPage("sign-in");
    const uid = await send("brain");
    await call("POST", "/api/v1/destinations", {
      ...{ kind: "webhook", name: "nowhere", url: "http://127.0.0.1:9/" },
      syntheticModels: ["tiny-brain"],
    });
    await call("POST", "/api/v1/keys", { name: "a key", role: "sender" });
    await signIn();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    for (const section of SECTIONS) {
      await page.goto(`${axial.url}/console/#/${section}`);
      await page.locator("h1").waitFor();
      await page.waitForLoadState("load");
      await checkPage(section || "overview");
    }
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.goto(`${axial.url}/console/#/studies/${uid}`);
    await page.getByRole("heading", { name: "tiny-brain 1.0.0" }).waitFor();
    for (const details of await page.locator("details > summary").all()) await details.click();
    await checkPage("a study");
    await page.getByRole("button", { name: "Run again" }).click();
    await checkPage("a question");
    await page.getByRole("button", { name: "Leave it" }).click();
    await page.getByRole("button", { name: /^Slice 1 / }).click();
    await page.locator(".over[src^='blob:']").waitFor();
    await checkPage("a slice");
    expect(complaints).toEqual([]);
  });

  it("keeps its pages fresh: what others do is seen in keys and audit without a reload", async () => {
    await signIn();
    await page.goto(`${axial.url}/console/#/keys`);
    await page.getByRole("heading", { name: "API keys" }).waitFor();
    await call("POST", "/api/v1/keys", { name: "made elsewhere", role: "reader" });
    await page.getByRole("cell", { name: "made elsewhere" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("offers a reader nothing that it may not see", async () => {
    const made = await fetch(`${axial.url}/api/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${axial.key}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "reader", role: "reader" }),
    });
    const { key } = (await made.json()) as { key: string };
    await signIn(key);
    await page.getByRole("heading", { name: "Studies" }).waitFor();
    const links = page.getByRole("navigation").getByRole("link");
    await links.first().waitFor();
    const offered = await links.allTextContents();
    expect(offered.map((name) => name.trim())).toEqual(["Studies", "Backfills", "Models"]);
  });

  it("shows what is not there as nothing, not as a fault", async () => {
    await signIn();
    await page.getByRole("link", { name: /Dead letters/ }).click();
    await page.getByText("No dead letters").waitFor();
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByRole("heading", { name: /Test model/ }).waitFor();
    await page.goto(`${axial.url}/console/#/studies/1.2.3`);
    await page.getByText("no such study").waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
  });

  it("shows a dead letter with its instance and failures, and discards it when that is confirmed", async () => {
    await call("PATCH", "/api/v1/lanes/routine", { paused: true });
    const uid = await send("brain");
    await eventually("its task is planned", async () => {
      const answer = await call("GET", `/api/v1/studies/${uid}`);
      const study = (await answer.json()) as { runs: { tasks: object[] }[] };
      return study.runs.some(({ tasks }) => tasks.length > 0);
    });
    // Its images are lost before a worker reads them, as by a disk that fails.
    const blobs = join(data, "blobs");
    const kept = (await readdir(blobs)).filter((name) => BLOBS_FOLDER.test(name));
    await Promise.all(kept.map((name) => rm(join(blobs, name), { recursive: true })));
    await call("PATCH", "/api/v1/lanes/routine", { paused: false });
    await signIn();
    await page.getByRole("link", { name: /Dead letters/ }).click();
    const row = page.getByRole("row").filter({ has: page.locator(`a[href="#/studies/${uid}"]`) });
    await row.getByText("blob-missing").first().waitFor();
    expect(await row.getByText(/of 6$/).count()).toBe(1);
    // First and last failure are moments of their own.
    expect(await row.locator("time").count()).toBeGreaterThanOrEqual(3);
    await row.locator("summary").click();
    await row
      .getByText(/^attempt \d+ at /)
      .first()
      .waitFor();
    await checkPage("the dead letter");
    await row.getByRole("button", { name: "Discard" }).click();
    await checkPage("the question before discarding");
    await page.getByRole("button", { name: "Leave it" }).click();
    await row.waitFor();
    await row.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
    await row.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });
});
