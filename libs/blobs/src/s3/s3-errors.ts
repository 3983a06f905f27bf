import { AxialError } from "@axial/contracts";

interface SdkError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The object does not exist. */
export function isAbsent(error: unknown): boolean {
  const { name, $metadata } = error as SdkError;
  return name === "NoSuchKey" || name === "NotFound" || $metadata?.httpStatusCode === 404;
}

/**
 * Translates a failed call to S3 into `blob-missing`, or `unavailable` with the SDK's error as its
 * cause. Our own errors pass through.
 */
export function s3Failure(error: unknown): AxialError {
  if (error instanceof AxialError) return error;
  if (isAbsent(error) && !isOfBucket(error))
    return new AxialError("blob-missing", { cause: error });
  const { name } = error as SdkError;
  return new AxialError("unavailable", { detail: `blob store: ${name ?? "error"}`, cause: error });
}

function isOfBucket(error: unknown): boolean {
  return (error as SdkError).name === "NoSuchBucket";
}
