export interface S3Server {
  /** `s3://…` of a fresh, empty prefix. */
  url(): string;
  /** Environment variables with the credentials. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface RunningS3 {
  readonly endpoint: string;
  readonly bucket: string;
  /** Access key and secret. */
  readonly key: string;
  stop(): Promise<void>;
}

export function s3Server({ endpoint, bucket, key, stop }: RunningS3): S3Server {
  let prefixes = 0;
  return {
    url: () => {
      prefixes += 1;
      const query = new URLSearchParams({ endpoint, region: "us-east-1", pathStyle: "true" });
      return `s3://${bucket}/p${prefixes}?${query}`;
    },
    environment: { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: key },
    stop,
  };
}
