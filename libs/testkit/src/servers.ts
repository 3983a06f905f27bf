export interface PostgresServer {
  readonly pid: number;
  /**
   * A fresh database on the server, without rows. The schema may stand already, so that bringing it up to
   * date does nothing; with `empty` it does not.
   */
  createDatabase(options?: { readonly empty?: boolean }): Promise<string>;
  stop(): Promise<void>;
}

export interface RedisServer {
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}
