import { setTimeout as delay } from "node:timers/promises";

/** A device that classifies so many images a second, one job after the other, by waiting. */
export class SimulatedDevice {
  readonly #msPerImage: number;
  #freeAt = 0;

  constructor(imagesPerSecond: number) {
    this.#msPerImage = 1_000 / imagesPerSecond;
  }

  /** Resolves when the device would be done with the images. */
  async run(images: number): Promise<void> {
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + images * this.#msPerImage;
    await delay(this.#freeAt - now);
  }
}
