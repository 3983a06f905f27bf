import { eventually, freePort, phantomSeries, queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isOrthancInstalled, type Orthanc, startOrthanc } from "../src/orthanc.ts";
import { hasPynetdicom, PYNETDICOM_MISSING, startPynetdicom } from "../src/pynetdicom.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

interface Uploaded {
  readonly ParentStudy: string;
}

interface Held {
  readonly ID: string;
  readonly MainDicomTags: { readonly SOPInstanceUID: string };
  readonly ParentSeries: string;
}

interface Delivery {
  readonly state: string;
  readonly lastError: string | null;
}

/** A busy machine renders, sends and starts again slowly. */
const WITHIN_MS = 170_000;

/** Made by Axial: the report, its heat maps. */
const OWN_MODALITIES = ["SR", "OT"];

if (!hasPynetdicom()) console.log(PYNETDICOM_MISSING);

describe.skipIf(!isOrthancInstalled())(
  `a hospital's archive${isOrthancInstalled() ? "" : " (skipped: Debian package orthanc)"}`,
  () => {
    let axial: System;
    let orthanc: Orthanc;

    beforeAll(async () => {
      const [backend] = queueBackends();
      if (backend === undefined) throw new Error("a queue");
      axial = await startSystem(backend);
      const ownDimsePort = await freePort();
      const { dimsePort, key, url } = axial;
      orthanc = await startOrthanc({ url: url.gateway, key, dimsePort, ownDimsePort });
      const made = await axial.fetch("results", "/api/v1/destinations", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...{ kind: "dimse", name: "archive", host: "127.0.0.1", port: ownDimsePort },
          ...{ calledTitle: "ORTHANC", formats: ["sr", "heatmaps"] },
        }),
      });
      expect(made.status).toBe(201);
    });
    afterAll(async () => {
      await orthanc?.stop();
      await axial?.stop();
    });

    /** Gives Orthanc a study, which forwards it; resolves when Axial has all of it. */
    async function receive(): Promise<{ studyUid: string; id: string; slices: number }> {
      const { files, studyUid } = phantomSeries({ kind: "brain", slices: 4, size: 64 });
      let id = "";
      for (const body of files) {
        id = (await orthanc.call<Uploaded>("/instances", { method: "POST", body })).ParentStudy;
      }
      await eventually("Axial has every instance", async () => {
        const answer = await axial.fetch("results", `/api/v1/studies/${studyUid}`);
        if (!answer.ok) return false;
        const { instances } = (await answer.json()) as { instances: number };
        return instances === files.length;
      });
      return { studyUid, id, slices: files.length };
    }

    const close = (studyUid: string) =>
      axial.fetch("gateway", `/api/v1/studies/${studyUid}/close`, { method: "POST" });

    /** What of Axial's lies in Orthanc's study, by modality. */
    async function own(id: string): Promise<ReadonlyMap<string, readonly string[]>> {
      const series = await orthanc.call<
        { MainDicomTags: { Modality: string }; Instances: string[] }[]
      >(`/studies/${id}/series`);
      const made = series.filter(({ MainDicomTags }) =>
        OWN_MODALITIES.includes(MainDicomTags.Modality),
      );
      return new Map(
        made.map(({ MainDicomTags, Instances }) => [MainDicomTags.Modality, Instances]),
      );
    }

    const arrived = (id: string) =>
      eventually("report and heat maps are in Orthanc's study", async () => {
        const made = await own(id);
        return made.get("SR")?.length === 1 && (made.get("OT")?.length ?? 0) > 0 && made;
      });

    async function deliveries(studyUid: string): Promise<Delivery[]> {
      const answer = await axial.fetch("results", `/api/v1/deliveries?study=${studyUid}`);
      return ((await answer.json()) as { deliveries: Delivery[] }).deliveries;
    }

    async function expectOnce({ id, studyUid, slices }: Awaited<ReturnType<typeof receive>>) {
      await eventually(
        "it is delivered",
        async () => {
          const [delivery] = await deliveries(studyUid);
          return delivery?.state === "delivered";
        },
        WITHIN_MS,
      );
      const made = await arrived(id);
      expect(await deliveries(studyUid)).toHaveLength(1);
      // Orthanc forwards Axial's own objects too: they are taken and ignored.
      const held = await orthanc.call<Held[]>(`/studies/${id}/instances`);
      const uids = held.map(({ MainDicomTags }) => MainDicomTags.SOPInstanceUID);
      expect(new Set(uids).size).toBe(uids.length);
      expect(uids).toHaveLength(slices + [...made.values()].flat().length);
      const study = await axial.fetch("results", `/api/v1/studies/${studyUid}`);
      expect(await study.json()).toMatchObject({ instances: slices, state: "complete" });
    }

    test("forwards a study, and has report and heat maps beside the images a moment later, once", async () => {
      const study = await receive();
      await close(study.studyUid);
      await expectOnce(study);
    });

    test.skipIf(!hasPynetdicom())(
      "an archive that commits on an association of its own, after refusing once, has it delivered",
      async () => {
        const port = await freePort();
        const archive = startPynetdicom("archive.py", [
          ...[String(port), String(axial.dimsePort), "--refuses"],
        ]);
        const made = await axial.fetch("results", "/api/v1/destinations", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            ...{ kind: "dimse", name: "committing", host: "127.0.0.1", port },
            ...{ calledTitle: "PYARCHIVE", formats: ["sr"], commitment: true },
          }),
        });
        try {
          expect(made.status).toBe(201);
          const { studyUid } = await receive();
          await close(studyUid);
          await eventually(
            "it is delivered to both",
            async () => {
              const all = await deliveries(studyUid);
              return all.length === 2 && all.every(({ state }) => state === "delivered");
            },
            WITHIN_MS,
          );
          const reports = archive.said.filter(({ reported }) => reported !== undefined);
          expect(reports, archive.errors).toEqual([
            { reported: 0, failed: 1 },
            { reported: 0, failed: 0 },
          ]);
        } finally {
          const { id } = (await made.json()) as { id: string };
          await axial.fetch("results", `/api/v1/destinations/${id}`, { method: "DELETE" });
          await archive.stop();
        }
      },
    );

    test("has them once also after it and Axial were each killed on the way", async () => {
      const study = await receive();
      await orthanc.kill();
      await close(study.studyUid);
      await eventually(
        "the archive is away",
        async () => {
          const [delivery] = await deliveries(study.studyUid).catch(() => []);
          return delivery?.state === "pending" && delivery.lastError !== null;
        },
        WITHIN_MS,
      );
      await Promise.all(SERVICES.map((service) => axial.process(service).end("SIGKILL")));
      for (const service of SERVICES) await axial.start(service);
      await orthanc.start();
      await expectOnce(study);
    });
  },
);
