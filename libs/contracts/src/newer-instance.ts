import { Type } from "typebox";

/**
 * What becomes of an instance that is sent under a SOP Instance UID which is stored with other
 * content: demographics that were mended, a study that was moved.
 *
 * - `reject`: it is refused, and what is stored stays.
 * - `replace`: it takes the place of the stored one, whose file is kept a while as a deleted one's.
 * - `keep-both`: the same, and the earlier file is kept as long as its study.
 */
const NEWER_INSTANCE_POLICIES = ["reject", "replace", "keep-both"] as const;
export type NewerInstancePolicy = (typeof NEWER_INSTANCE_POLICIES)[number];
export const NewerInstancePolicySchema = Type.Enum([...NEWER_INSTANCE_POLICIES], {
  description: "of an instance that comes with other content than is stored under its UID",
});
