export interface PostgresServer {
  readonly pid: number;
  /** A fresh, empty database on the server. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

export interface RedisServer {
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}
