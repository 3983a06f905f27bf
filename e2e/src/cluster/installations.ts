/** One installation of Axial, with a namespace, a host name, a database of its own. */
export interface Installation {
  /** Of the release, and the start of its objects' names. */
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  /** The number of its Redis database. */
  readonly queue: number;
}

export const CHARTED: Installation = {
  name: "axial",
  namespace: "axial-chart",
  host: "chart.axial.test",
  queue: 1,
};
export const SECOND: Installation = {
  name: "axial",
  namespace: "axial-second",
  host: "second.axial.test",
  queue: 2,
};
/** The overlay's namespace is in its manifests. */
export const OVERLAID: Installation = {
  name: "axial",
  namespace: "axial",
  host: "axial.example.org",
  queue: 3,
};
