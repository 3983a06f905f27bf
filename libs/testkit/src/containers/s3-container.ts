import { eventually } from "../eventually.ts";
import { type S3Server, s3Server } from "../s3-server.ts";
import { startContainer } from "./container.ts";

const START_TIMEOUT_MS = 60_000;

/** The cluster's S3 server on an empty folder; the bucket is a folder in it. */
export async function startS3Container(bucket: string, key: string): Promise<S3Server> {
  const container = await startContainer({
    image: "versity/versitygw",
    port: 7070,
    environment: { ROOT_ACCESS_KEY_ID: key, ROOT_SECRET_ACCESS_KEY: key },
    volumes: [`/data/${bucket}`],
    command: ["--port", ":7070", "--quiet", "posix", "/data"],
  });
  const endpoint = `http://${container.address}`;
  const answers = async () => (await fetch(endpoint).catch(() => null)) !== null;
  await eventually("the S3 server answers", answers, START_TIMEOUT_MS);
  return s3Server({ endpoint, bucket, key, stop: container.stop });
}
