import { execFileSync } from "node:child_process";
import { join } from "node:path";

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Certificates and their keys in one folder: `NAME.pem` and `NAME.key`. */
export class Certificates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  pem(name: string): string {
    return join(this.#folder, `${name}.pem`);
  }

  key(name: string): string {
    return join(this.#folder, `${name}.key`);
  }

  /** An authority that has signed itself. */
  authority(name: string): void {
    this.#make(name, []);
  }

  /** For 127.0.0.1 and `days`, signed by `authority`, good for servers and clients. */
  issue(name: string, authority: string, days = 30): void {
    const signed = ["-CA", this.pem(authority), "-CAkey", this.key(authority)];
    const more = ["-addext", "subjectAltName=IP:127.0.0.1", "-days", String(days)];
    this.#make(name, [...more, ...signed]);
  }

  #make(name: string, more: readonly string[]): void {
    const files = ["-keyout", this.key(name), "-out", this.pem(name)];
    const made = ["req", "-x509", ...NEW_KEY, ...files, "-subj", `/CN=${name}`, ...more];
    execFileSync("openssl", made, { stdio: "ignore" });
  }
}
