import { readFileSync } from "node:fs";

const COMPOSE = new URL("../../../../docker/compose.yaml", import.meta.url);

/** The image with its tag, as docker/compose.yaml names it. */
export function composeImage(name: string): string {
  const compose = readFileSync(COMPOSE, "utf8");
  const image = compose.match(new RegExp(`^    image: (${name}:\\S+)$`, "m"))?.[1];
  if (image === undefined) throw new Error(`compose.yaml has no image ${name}`);
  return image;
}
