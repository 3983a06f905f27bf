import { fileURLToPath } from "node:url";

/** The packages that come with Axial. */
export const DEFAULT_MODELS: string = fileURLToPath(new URL("../../models", import.meta.url));
/** Registered for DICOM with IANA. */
export const DEFAULT_DIMSE_PORT = 11112;
export const DEFAULT_PORT = 8080;
export const DEFAULT_HOST = "127.0.0.1";
/** Where commands look for a server when no address is given. */
export const DEFAULT_URL = `http://${DEFAULT_HOST}:${DEFAULT_PORT}`;
export const DEFAULT_DATA = "./data";
/** What `axial tune` measured and `axial up`'s workers read, in the data folder. */
export const TUNING_FILE = "tuning.json";
