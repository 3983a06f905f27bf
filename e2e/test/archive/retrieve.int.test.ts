import { newUid } from "@axial/contracts";
import { type DicomJson, readInstance, Tag, uncompressedFrame } from "@axial/dicom";
import { writePart10 } from "@axial/testkit";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DicomwebServer, startDicomwebServer } from "../../src/dicomweb-server.ts";
import { stow } from "../../src/stow.ts";
import { cells, get, image, partsOf, rleFrame, series, study } from "./archive.ts";

const EXPLICIT = "1.2.840.10008.1.2.1";
const RLE = "1.2.840.10008.1.2.5";
const JPEG = "1.2.840.10008.1.2.4.50";
const [plain, implicit, bigEndian, rle, jpeg, report, broken] = Array.from({ length: 7 }, newUid);
const uids = [plain, implicit, bigEndian, rle, jpeg, report, broken];
const path = `/studies/${study}/series/${series}`;
const OCTETS = { accept: "application/octet-stream" };
const at = (uid: string | undefined) => `${path}/instances/${uid}`;
const files = new Map<string | undefined, Buffer>();
const table = new Uint16Array(1_000).map((_, index) => index * 3);

let gateway: DicomwebServer;

beforeAll(async () => {
  gateway = await startDicomwebServer();
  const frames = [1, 2, 3].map((seed) => rleFrame(cells(seed)));
  const photograph = await sharp({
    create: { width: 16, height: 8, channels: 3, background: { r: 200, g: 30, b: 60 } },
  })
    .jpeg()
    .toBuffer();
  const colour = {
    Rows: 8,
    Columns: 16,
    SamplesPerPixel: 3,
    PhotometricInterpretation: "YBR_FULL_422",
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PlanarConfiguration: 0,
  };
  const window = { WindowCenter: "200", WindowWidth: "400" };
  const lut = [{ LUTDescriptor: [1000, 0, 16], LUTData: table }];
  files.set(plain, image(plain ?? "", { elements: { PixelData: cells(1), ...window } }));
  files.set(
    implicit,
    image(implicit ?? "", {
      transferSyntax: "1.2.840.10008.1.2",
      elements: { PixelData: cells(2), VOILUTSequence: lut },
    }),
  );
  files.set(
    bigEndian,
    image(bigEndian ?? "", {
      transferSyntax: "1.2.840.10008.1.2.2",
      elements: { PixelData: cells(3) },
    }),
  );
  files.set(
    rle,
    image(rle ?? "", {
      transferSyntax: RLE,
      elements: { NumberOfFrames: "3", PixelData: { fragments: frames } },
    }),
  );
  files.set(
    jpeg,
    image(jpeg ?? "", {
      transferSyntax: JPEG,
      elements: { ...colour, PixelData: { fragments: [photograph] } },
    }),
  );
  files.set(
    broken,
    image(broken ?? "", {
      transferSyntax: RLE,
      elements: { PixelData: { fragments: [Buffer.alloc(40, 7)] } },
    }),
  );
  files.set(report, documentOf(report ?? ""));
  expect((await stow(gateway, [...files.values()])).status).toBe(200);
});
afterAll(() => gateway.stop());

function documentOf(uid: string): Buffer {
  return writePart10({
    elements: {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.88.11",
      SOPInstanceUID: uid,
      StudyInstanceUID: study,
      SeriesInstanceUID: series,
      Modality: "SR",
    },
  });
}

const parts = (syntax = "") => ({
  accept: `multipart/related; type="application/dicom"${syntax && `; transfer-syntax=${syntax}`}`,
});

describe("instances", () => {
  test("of a series as stored: the very bytes, except what the web does not take", async () => {
    const got = await get(gateway, path, parts("*"));
    expect(got.status).toBe(200);
    expect(got.headers.get("content-type")).toContain(
      'multipart/related; type="application/dicom"',
    );
    const received = partsOf(got);
    expect(received).toHaveLength(7);
    for (const uid of [plain, rle, jpeg, report, broken]) {
      const part = received.find(({ location }) => location?.endsWith(`/instances/${uid}`));
      expect(part?.bytes.equals(files.get(uid) ?? Buffer.of())).toBe(true);
    }
    const types = received.map(({ type }) => type.split("=")[1]);
    expect(new Set(types)).toEqual(new Set([EXPLICIT, RLE, JPEG]));
  });

  test("by default in Explicit VR Little Endian, pixel for pixel", async () => {
    const received = partsOf(await get(gateway, `/studies/${study}`, parts()));
    expect(received).toHaveLength(7);
    for (const uid of [plain, implicit, bigEndian, rle]) {
      const part = received.find(({ location }) => location?.endsWith(`/${uid}`));
      expect(part?.type).toBe(`application/dicom; transfer-syntax=${EXPLICIT}`);
      const before = readInstance(files.get(uid) ?? Buffer.of());
      const after = readInstance(part?.bytes ?? Buffer.of());
      expect([after.syntax.uid, after.truncated]).toEqual([EXPLICIT, false]);
      expect(after.dataset.string(Tag.SopInstanceUid)).toBe(uid);
      for (let frame = 0; frame < (uid === rle ? 3 : 1); frame += 1) {
        const wanted = await uncompressedFrame(before, frame);
        const given = await uncompressedFrame(after, frame);
        expect(Buffer.from(given.bytes).equals(Buffer.from(wanted.bytes))).toBe(true);
      }
    }
    const typeOf = (uid: string | undefined) =>
      received.find(({ location }) => location?.endsWith(`/${uid}`))?.type;
    expect(typeOf(jpeg)).toContain(JPEG);
    expect(typeOf(broken)).toContain(RLE);
  });

  test("one alone as a single part, with ranges and a tag", async () => {
    const accept = { accept: "application/dicom; transfer-syntax=*" };
    const whole = await get(gateway, at(rle), accept);
    expect(whole.headers.get("content-type")).toBe(`application/dicom; transfer-syntax=${RLE}`);
    expect(whole.headers.get("accept-ranges")).toBe("bytes");
    const file = files.get(rle) ?? Buffer.of();
    expect(whole.bytes.equals(file)).toBe(true);
    const some = await get(gateway, at(rle), { ...accept, range: "bytes=128-131" });
    expect([some.status, some.bytes.toString()]).toEqual([206, "DICM"]);
    expect(some.headers.get("content-range")).toBe(`bytes 128-131/${file.length}`);
    expect((await get(gateway, at(rle), { ...accept, range: "bytes=999999-" })).status).toBe(416);
    expect(whole.headers.get("cache-control")).toBe("no-store");
    const tag = whole.headers.get("etag") ?? "";
    const again = await get(gateway, at(rle), { ...accept, "if-none-match": tag });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    const decoded = await get(gateway, at(rle), { accept: "application/dicom" });
    expect(readInstance(decoded.bytes).syntax.uid).toBe(EXPLICIT);
    expect(decoded.headers.get("etag")).not.toBe(tag);
  });

  test("lossy pixels are decoded when their client asks for it", async () => {
    const got = await get(gateway, at(jpeg), parts(EXPLICIT));
    const [part] = partsOf(got);
    const { dataset } = readInstance(part?.bytes ?? Buffer.of());
    expect(dataset.string(Tag.PhotometricInterpretation)).toBe("RGB");
    expect(dataset.value(Tag.PixelData)).toHaveLength(16 * 8 * 3);
    expect(dataset.value(Tag.PixelData)?.[0]).toBeGreaterThan(190);
    expect(dataset.string(0x0028_2110)).toBe("01");
  });

  test("404, 400, 406 and 401", async () => {
    expect((await get(gateway, `/studies/${newUid()}`)).status).toBe(404);
    expect((await get(gateway, `/studies/${study}/series/${newUid()}`)).status).toBe(404);
    expect((await get(gateway, `${path}/instances/${newUid()}/metadata`)).status).toBe(404);
    expect((await get(gateway, "/studies/x")).status).toBe(400);
    expect((await get(gateway, path, { accept: "application/dicom" })).status).toBe(406);
    expect((await get(gateway, path, parts("1.2.840.10008.1.2.4.90"))).status).toBe(406);
    expect((await get(gateway, at(broken), parts(EXPLICIT))).status).toBe(406);
    expect((await get(gateway, path, { authorization: "Bearer wrong-key-wrong-key" })).status).toBe(
      401,
    );
  });
});

describe("metadata and bulk data", () => {
  test("is one array of JSON with addresses for bulk", async () => {
    const got = await get(gateway, `${path}/metadata`);
    expect(got.headers.get("content-type")).toContain("application/dicom+json");
    const all = JSON.parse(got.bytes.toString()) as DicomJson[];
    expect(all.map((each) => each["00080018"]?.Value?.[0]).sort()).toEqual([...uids].sort());
    expect(all[0]?.["00020010"]).toBeUndefined();
    const first = all.find((each) => each["00080018"]?.Value?.[0] === plain);
    const address = `${gateway.url}/dicom-web${at(plain)}/bulkdata/7FE00010`;
    expect(first?.["7FE00010"]).toEqual({ vr: "OW", BulkDataURI: address });
    const tag = got.headers.get("etag") ?? "";
    const again = await get(gateway, `${path}/metadata`, { "if-none-match": tag });
    expect(again.status).toBe(304);
    const xml = { accept: 'multipart/related; type="application/dicom+xml"' };
    expect((await get(gateway, `${path}/metadata`, xml)).status).toBe(406);
  });

  test("describes the pixels of frames and bulk data, which come decoded", async () => {
    const described = async (uid: string | undefined) => {
      const [metadata] = JSON.parse((await get(gateway, `${at(uid)}/metadata`)).bytes.toString());
      const { bytes } = await get(gateway, `${at(uid)}/frames/1`, OCTETS);
      return [metadata["00280004"].Value[0], bytes.length, bytes.subarray(0, 3)] as const;
    };
    const [photometric, length, [red = 0, green = 0, blue = 0]] = await described(jpeg);
    expect([photometric, length]).toEqual(["RGB", 16 * 8 * 3]);
    expect([red > 190, green < 40, blue > 50]).toEqual([true, true, true]);
    expect((await described(plain))[0]).toBe("MONOCHROME2");
    const stored = await get(gateway, at(jpeg), { accept: "application/dicom" });
    const { dataset } = readInstance(stored.bytes);
    expect(dataset.string(Tag.PhotometricInterpretation)).toBe("YBR_FULL_422");
  });

  test("bulk values are at the addresses that metadata names", async () => {
    const [metadata] = JSON.parse(
      (await get(gateway, `${at(implicit)}/metadata`)).bytes.toString(),
    );
    const address: string = metadata["00283010"].Value[0]["00283006"].BulkDataURI;
    const value = await get(gateway, address.split("/dicom-web")[1] ?? "");
    expect(value.headers.get("content-type")).toBe("application/octet-stream");
    expect(value.bytes.equals(Buffer.from(table.buffer))).toBe(true);
    const inParts = { accept: 'multipart/related; type="application/octet-stream"' };
    const [part] = partsOf(await get(gateway, address.split("/dicom-web")[1] ?? "", inParts));
    expect(part?.bytes.equals(Buffer.from(table.buffer))).toBe(true);
  });

  test("pixel data: ranges of what is stored plain, decoded when compressed", async () => {
    const some = await get(gateway, `${at(plain)}/bulkdata/7FE00010`, { range: "bytes=2-5" });
    expect(some.status).toBe(206);
    expect(some.bytes.equals(Buffer.from(cells(1).buffer).subarray(2, 6))).toBe(true);
    const decoded = await get(gateway, `${at(rle)}/bulkdata/7FE00010`);
    const expected = Buffer.concat([1, 2, 3].map((seed) => Buffer.from(cells(seed).buffer)));
    expect(decoded.bytes.equals(expected)).toBe(true);
    const turned = await get(gateway, `${at(bigEndian)}/bulkdata/7FE00010`);
    expect(turned.bytes.equals(Buffer.from(cells(3).buffer))).toBe(true);
    for (const none of ["00091001", "7FE00010/0/00081155", "x"]) {
      expect((await get(gateway, `${at(plain)}/bulkdata/${none}`)).status).toBe(404);
    }
  });
});

describe("files of more than memory wants to hold", () => {
  const uid = newUid();
  const pixels = Uint16Array.from({ length: 1_500 * 1_600 }, (_, index) => index & 0xfff);
  const size = { Rows: 1_500, Columns: 1_600 };
  const file = image(uid, { elements: { ...size, StudyInstanceUID: newUid(), PixelData: pixels } });
  const large = `/studies/${readInstance(file).dataset.string(Tag.StudyInstanceUid)}`;
  const instance = `${large}/series/${series}/instances/${uid}`;

  test("are streamed: whole, in part, their header and their pixels", async () => {
    expect((await stow(gateway, [file])).status).toBe(200);
    const [part] = partsOf(await get(gateway, large, parts()));
    expect(part?.bytes.equals(file)).toBe(true);
    const single = { accept: "application/dicom", range: "bytes=-4" };
    expect((await get(gateway, instance, single)).bytes.equals(file.subarray(-4))).toBe(true);
    const [metadata] = JSON.parse((await get(gateway, `${large}/metadata`)).bytes.toString());
    expect(metadata["00280010"].Value).toEqual([1_500]);
    const bulk = await get(gateway, `${instance}/bulkdata/7FE00010`, { range: "bytes=4800000-" });
    expect(bulk.status).toBe(416);
    const last = await get(gateway, `${instance}/bulkdata/7FE00010`, { range: "bytes=4799998-" });
    expect(last.bytes.readUInt16LE(0)).toBe(pixels.at(-1));
    expect((await get(gateway, `${instance}/rendered?viewport=64,64`)).status).toBe(200);
  });

  test("what lies behind the pixels is metadata too", async () => {
    const behind = newUid();
    const elements = {
      ...size,
      Rows: 40,
      StudyInstanceUID: newUid(),
      PixelData: pixels.subarray(0, 64_000),
      DataSetTrailingPadding: new Uint8Array(8),
    };
    expect((await stow(gateway, [image(behind, { elements })])).status).toBe(200);
    const study = `/studies/${elements.StudyInstanceUID}`;
    const [metadata] = JSON.parse((await get(gateway, `${study}/metadata`)).bytes.toString());
    expect(metadata.FFFCFFFC).toEqual({ vr: "OB", InlineBinary: "AAAAAAAAAAA=" });
  });
});

describe("frames", () => {
  test("uncompressed, in the order of the list", async () => {
    const got = await get(gateway, `${at(rle)}/frames/3,1`);
    const received = partsOf(got);
    expect(got.headers.get("content-type")).toContain('type="application/octet-stream"');
    expect(received.map(({ bytes }) => bytes.readUInt16LE(0))).toEqual([300, 100]);
    expect(received[0]?.location).toContain("/frames/3");
    const one = await get(gateway, `${at(plain)}/frames/1`, OCTETS);
    expect(one.bytes.equals(Buffer.from(cells(1).buffer))).toBe(true);
  });

  test("as they are stored", async () => {
    const accept = `multipart/related; type="image/dicom-rle"; transfer-syntax=${RLE}`;
    const [part] = partsOf(await get(gateway, `${at(rle)}/frames/2`, { accept }));
    expect(part?.type).toBe(`image/dicom-rle; transfer-syntax=${RLE}`);
    expect(part?.bytes.equals(rleFrame(cells(2)))).toBe(true);
    const any = { accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*' };
    const [same] = partsOf(await get(gateway, `${at(rle)}/frames/2`, any));
    expect(same?.type).toBe(`application/octet-stream; transfer-syntax=${RLE}`);
  });

  test("that are not there, or cannot be had so", async () => {
    expect((await get(gateway, `${at(rle)}/frames/4`)).status).toBe(404);
    expect((await get(gateway, `${at(rle)}/frames/0`)).status).toBe(400);
    expect((await get(gateway, `${at(report)}/frames/1`)).status).toBe(404);
    expect((await get(gateway, `${at(broken)}/frames/1`)).status).toBe(406);
    const jp2 = { accept: 'multipart/related; type="image/jp2"' };
    expect((await get(gateway, `${at(rle)}/frames/1`, jp2)).status).toBe(406);
    const long = Array.from({ length: 300 }, () => "1").join(",");
    expect(partsOf(await get(gateway, `${at(rle)}/frames/${long}`))).toHaveLength(1);
  });
});

describe("of a study and a series", () => {
  const healthy = newUid();
  const own = { StudyInstanceUID: newUid(), SeriesInstanceUID: newUid() };
  const whole = `/studies/${own.StudyInstanceUID}`;
  const part = `${whole}/series/${own.SeriesInstanceUID}`;

  beforeAll(async () => {
    const elements = { ...own, PixelData: cells(1) };
    const images = [healthy, newUid(), newUid()].map((uid) => image(uid, { elements }));
    const document = writePart10({
      elements: {
        ...{ ...own, SeriesInstanceUID: newUid(), SOPInstanceUID: newUid(), Modality: "SR" },
        SOPClassUID: "1.2.840.10008.5.1.4.1.1.88.11",
      },
    });
    expect((await stow(gateway, [document, ...images])).status).toBe(200);
  });

  test.each([
    ["study", () => whole],
    ["series", () => part],
  ])("every image of a %s is rendered, in parts", async (_name, of) => {
    const got = await get(gateway, `${of()}/rendered?viewport=8,8`);
    const received = partsOf(got);
    expect([got.status, received.map(({ type }) => type)]).toEqual([
      200,
      ["image/jpeg", "image/jpeg", "image/jpeg"],
    ]);
    expect(received.some(({ location }) => location?.includes(`/${healthy}/frames/1/`))).toBe(true);
    const alone = await get(gateway, `${of()}/rendered`, { accept: "image/png" });
    expect(alone.status).toBe(406);
  });

  test("a thumbnail stands for each level", async () => {
    for (const of of [whole, part, `${part}/instances/${healthy}`, `${at(rle)}/frames/2`]) {
      const got = await get(gateway, `${of}/thumbnail`);
      const { format, width = 0, height = 0 } = await sharp(got.bytes).metadata();
      expect([got.status, format, Math.max(width, height)], of).toEqual([200, "jpeg", 256]);
    }
    const small = await get(gateway, `${whole}/thumbnail?viewport=64,64`, { accept: "image/png" });
    expect((await sharp(small.bytes).metadata()).width).toBe(64);
    expect((await get(gateway, `/studies/${newUid()}/thumbnail`)).status).toBe(404);
    expect((await get(gateway, `${at(report)}/thumbnail`)).status).toBe(406);
  });
});

/** A resource as OPTIONS describes it in JSON. */
interface Described {
  readonly path: string;
  readonly method: readonly { readonly name: string; readonly answers?: readonly string[] }[];
  readonly resource: readonly Described[];
}

/** Compressed frames are sent as they are stored: each type from an instance that has it. */
const COMPRESSED = /"?image\/(?:jpeg|jls|jp2|jxl|jphc|dicom-rle)"?$/;

/** Each GET that is offered at a resource and below it, of the plain instance. */
function offers(one: Described, above = ""): { readonly url: string; readonly accept: string }[] {
  const path = `${above}/${one.path}`;
  const values = { study, series, instance: plain, frames: "1", path: "7FE00010" };
  const url = Object.entries(values).reduce(
    (filled, [name, value]) => filled.replace(`{${name}}`, value ?? ""),
    path,
  );
  const types = one.method
    .filter(({ name }) => name === "GET")
    .flatMap(({ answers = [] }) => answers);
  const frames = one.path.startsWith("frames/");
  // Of several images one type alone cannot be made, and here is one that cannot be drawn at all.
  const several = url.endsWith("/rendered") && !url.includes("/instances/");
  const own = types.filter((type) => !several && !(frames && COMPRESSED.test(type)));
  return [
    ...own.map((accept) => ({ url, accept })),
    ...one.resource.flatMap((below) => offers(below, path)),
  ];
}

describe("OPTIONS", () => {
  const options = async (of: string, accept = "*/*") => {
    const answer = await fetch(`${gateway.url}${of}`, { method: "OPTIONS", headers: { accept } });
    const type = answer.headers.get("content-type")?.split(";")[0];
    return { status: answer.status, type, allow: answer.headers.get("allow"), answer };
  };

  test("says what can be done with a resource, and describes what lies below it", async () => {
    const studies = await options("/dicom-web/studies/");
    expect(studies).toMatchObject({
      ...{ status: 200, type: "application/vnd.sun.wadl+xml" },
      allow: "GET, HEAD, POST, OPTIONS",
    });
    const wadl = await studies.answer.text();
    expect(wadl).toContain(`<resources base="${gateway.url}/dicom-web">`);
    expect(wadl).toContain('<method name="POST" id="StoreInstances">');
    expect(wadl).toContain('mediaType="multipart/related; type=&quot;application/dicom&quot;"');
    expect(wadl).not.toContain("RetrieveCapabilities");
    const one = await options(`/lanes/stat/dicom-web${at(plain)}`, "application/json");
    expect([one.type, one.allow]).toEqual(["application/json", "GET, HEAD, DELETE, OPTIONS"]);
    const { resources } = (await one.answer.json()) as { resources: { resource: object[] } };
    expect(resources.resource[0]).toMatchObject({
      path: "studies/{study}/series/{series}/instances/{instance}",
    });
  });

  test("names media types that are answered, and paths that are served", async () => {
    const { answer } = await options("/dicom-web", "application/json");
    const { resources } = (await answer.json()) as { resources: { resource: Described[] } };
    const named = resources.resource.flatMap((one) => offers(one));
    expect(named.length).toBeGreaterThan(40);
    for (const { url, accept } of named) {
      const { status, headers } = await get(gateway, url, { accept });
      expect([url, status]).toEqual([url, 200]);
      const { essence = "" } =
        /^(?<essence>[^;]+)/.exec(headers.get("content-type") ?? "")?.groups ?? {};
      expect([url, essence]).toEqual([url, /^[^;]+/.exec(accept)?.[0]]);
    }
  });

  test("404 and 406", async () => {
    expect((await options("/dicom-web/patients")).status).toBe(404);
    expect((await options("/dicom-web/studies", "image/png")).status).toBe(406);
  });
});

describe("rendered", () => {
  const levels = async (query: string) => {
    const got = await get(gateway, `${at(plain)}/rendered${query}`, { accept: "image/png" });
    expect(got.status).toBe(200);
    return sharp(got.bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
  };

  test("as PNG with the file's window or the one asked for", async () => {
    const { data, info } = await levels("");
    expect([info.width, info.height]).toEqual([6, 4]);
    // PS3.3 C.11.2.1.2 for center 200 and width 400.
    const linear = (value: number) => Math.round(((value - 199.5) / 399 + 0.5) * 255);
    expect(data[0]).toBe(linear(cells(1)[0] ?? 0));
    const asked = await levels("?window=150,2,linear");
    expect([asked.data[0], asked.data[23]]).toEqual([0, 255]);
  });

  test("as JPEG by default, GIF, at another size, mirrored, frame by frame", async () => {
    const got = await get(gateway, `${at(jpeg)}/rendered?viewport=8,8`);
    expect(got.headers.get("content-type")).toBe("image/jpeg");
    const { width, height, format } = await sharp(got.bytes).metadata();
    expect([width, height, format]).toEqual([8, 4, "jpeg"]);
    const gif = await get(gateway, `${at(plain)}/rendered`, { accept: "image/gif" });
    expect(gif.bytes.toString("latin1", 0, 3)).toBe("GIF");
    const mirrored = await levels("?viewport=6,4,0,0,-6,4");
    const straight = await levels("");
    expect(mirrored.data[0]).toBe(straight.data[5]);
    const several = await get(gateway, `${at(rle)}/frames/1,2/rendered`);
    expect(partsOf(several).map(({ type }) => type)).toEqual(["image/jpeg", "image/jpeg"]);
    const note = await get(gateway, `${at(plain)}/rendered?annotation=patient`);
    expect(note.headers.get("warning")).toContain("299");
  });

  test("what has no picture is 406, bad parameters 400", async () => {
    for (const uid of [report, broken]) {
      expect((await get(gateway, `${at(uid)}/rendered`)).status).toBe(406);
    }
    expect((await get(gateway, `${at(plain)}/rendered?window=1`)).status).toBe(400);
    expect((await get(gateway, `${at(plain)}/rendered?viewport=6,4,0,0,99,99`)).status).toBe(400);
    const webp = { accept: "image/webp" };
    expect((await get(gateway, `${at(plain)}/rendered`, webp)).status).toBe(406);
  });
});

test("another tenant sees nothing of it", async () => {
  await fetch(`${gateway.url}/api/v1/tenants`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "other" }),
  });
  const made = await fetch(`${gateway.url}/api/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "theirs", role: "reader", tenant: "other" }),
  });
  const { key } = (await made.json()) as { key: string };
  const theirs = { url: gateway.url, key };
  for (const rest of ["", "/metadata", "/bulkdata/7FE00010", "/frames/1", "/rendered"]) {
    expect((await get(theirs, `${at(plain)}${rest}`)).status).toBe(404);
  }
});
