/** Patients' images are their owner's: no other user of the machine reads or lists them. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;
