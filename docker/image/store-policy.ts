import { readFileSync } from "node:fs";
import {
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";

/**
 * `store-policy.ts s3://BUCKET?endpoint=… FILE`: puts the policy in the file onto the bucket, with the
 * credential of the store's owner. A job of docker/compose.yaml, before any service.
 */
const [address = "", file = ""] = process.argv.slice(2);
const { hostname: Bucket, searchParams } = new URL(address);
const client = new S3Client({
  endpoint: searchParams.get("endpoint") ?? "",
  region: searchParams.get("region") ?? "us-east-1",
  forcePathStyle: true,
});

// A bucket that is a folder has no access list, without which versitygw copies for its owner alone.
await setOwnership("BucketOwnerPreferred");
await client.send(new PutBucketAclCommand({ Bucket, ACL: "private" }));
await setOwnership("BucketOwnerEnforced");
await client.send(new PutBucketPolicyCommand({ Bucket, Policy: readFileSync(file, "utf8") }));
console.log(`the bucket ${Bucket} has the policy of ${file}`);

async function setOwnership(
  ObjectOwnership: "BucketOwnerPreferred" | "BucketOwnerEnforced",
): Promise<void> {
  const OwnershipControls = { Rules: [{ ObjectOwnership }] };
  await client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
}
