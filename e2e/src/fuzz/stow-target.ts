import { mutate, type Random } from "@axial/dicom/fuzz";
import { phantomSeries } from "@axial/testkit";
import { multipartRelated } from "../stow.ts";
import type { System } from "../system.ts";
import { request, type Target } from "./target.ts";

/** Small, so that a case is cheap. */
const SERIES = () => phantomSeries({ kind: "brain", slices: 2, size: 32 }).files;

/** Damaged files in a whole multipart body, and as a body of their own. */
export const stowTarget: Target = { name: "stow", send };

function send(system: System, random: Random) {
  const files = SERIES().map((file) => (random.below(4) === 0 ? file : mutate(file, random)));
  const alone = random.below(3) === 0;
  const whole = multipartRelated(files);
  const body = alone ? (files[0] ?? Buffer.alloc(0)) : whole.body;
  const headers = {
    authorization: `Bearer ${system.key}`,
    "content-type": alone ? "application/dicom" : whole.contentType,
    ...(random.below(3) === 0 ? { "axial-close": "true" } : {}),
  };
  const url = `${system.url.gateway}/dicom-web/studies`;
  return request(url, { method: "POST", headers, body: new Uint8Array(body) }, body);
}
