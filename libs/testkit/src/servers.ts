export interface PostgresServer {
  readonly pid: number;
  /**
   * Creates a database without rows. In a test run it already has the schema, unless `empty` is set:
   * tests of migrations set it.
   */
  createDatabase(options?: { readonly empty?: boolean }): Promise<string>;
  stop(): Promise<void>;
}

export interface RedisServer {
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}
