/** A bucket and how to reach it; credentials come from the SDK's own chain. */
export interface S3Address {
  readonly bucket: string;
  /** Before every object's name: empty, or ends with a slash. */
  readonly prefix: string;
  /** Left to the SDK's own chain where the address has none. */
  readonly region: string | undefined;
  /** Of a server that is not AWS. */
  readonly endpoint: string | undefined;
  /** The bucket in the path rather than in the host's name. */
  readonly pathStyle: boolean;
}

const PARAMETERS = new Set(["endpoint", "region", "pathStyle"]);

/**
 * `s3://bucket[/prefix][?endpoint=…&region=…&pathStyle=true]`. Throws with what is wrong in the
 * address.
 */
export function parseS3Address(url: string): S3Address {
  const { hostname: bucket, pathname, searchParams, username } = new URL(url);
  if (bucket === "") throw new Error("AXIAL_BLOB_URL: s3://bucket/prefix needs a bucket");
  if (username !== "") throw new Error("AXIAL_BLOB_URL: credentials come from the environment");
  const unknown = [...searchParams.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0) throw new Error(`AXIAL_BLOB_URL: unknown ${unknown.join(", ")}`);
  const folder = pathname.replace(/^\/+|\/+$/g, "");
  const endpoint = searchParams.get("endpoint") ?? undefined;
  const usual = endpoint === undefined ? undefined : "us-east-1";
  return {
    bucket,
    prefix: folder === "" ? "" : `${folder}/`,
    region: searchParams.get("region") ?? usual,
    endpoint,
    pathStyle: searchParams.get("pathStyle") === "true",
  };
}
