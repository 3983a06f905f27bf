import { Agent, request } from "node:http";
import type { GatewayProcess } from "./gateway-process.ts";
import type { InstanceTemplate } from "./instance-template.ts";
import type { MemorySample } from "./slope.ts";

/** As long as those of Orthanc and dicomweb-client. */
const BOUNDARY = "8f2c1d70-4b6e-4c6f-9d0b-2a7f3e51c9aa";
const PART = Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`);
const PART_END = Buffer.from("\r\n");
const END = Buffer.from(`--${BOUNDARY}--\r\n`);
/** Between two looks at the gateway's memory, in bytes received. */
const SAMPLE_EVERY = 50e6;

export interface Load {
  readonly gateway: GatewayProcess;
  readonly template: InstanceTemplate;
  readonly clients: number;
  readonly perRequest: number;
  readonly instances: number;
}

interface LoadResult {
  readonly seconds: number;
  readonly samples: readonly MemorySample[];
}

/** Numbers of studies and instances go on from one load to the next. */
let nextInstance = 0;

/** Sends the instances from so many clients at a time; any answer but 200 is an error. */
export async function sendLoad(load: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.clients });
  const samples: MemorySample[] = [];
  const end = nextInstance + load.instances;
  let received = 0;
  const client = async () => {
    while (nextInstance < end) {
      const first = nextInstance;
      const count = Math.min(load.perRequest, end - first);
      nextInstance += count;
      await send(load, agent, { first, count });
      received += count * load.template.bytes;
      if (received > samples.length * SAMPLE_EVERY) {
        samples.push({ received, resident: await load.gateway.resident() });
      }
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: load.clients }, client));
  agent.destroy();
  return { seconds: (performance.now() - start) / 1_000, samples };
}

/** One request; the pixels are one buffer for all of them, so that sending costs next to nothing. */
function send(
  { gateway, template }: Load,
  agent: Agent,
  { first, count }: { first: number; count: number },
): Promise<void> {
  const length = count * (PART.length + template.bytes + PART_END.length) + END.length;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        port: gateway.port,
        path: "/dicom-web/studies",
        method: "POST",
        headers: {
          authorization: `Bearer ${gateway.key}`,
          "content-type": `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`,
          "content-length": length,
        },
      },
      (response) => {
        response.resume();
        response.once("end", () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`the gateway answered ${response.statusCode}`));
        });
      },
    );
    call.once("error", reject);
    call.cork();
    for (let index = 0; index < count; index += 1) {
      const instance = first + index;
      call.write(index === 0 ? PART : Buffer.concat([PART_END, PART]));
      call.write(template.header({ study: first, instance }));
      call.write(template.pixels);
    }
    call.end(Buffer.concat([PART_END, END]));
  });
}
