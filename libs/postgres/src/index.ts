export { type Listener, type ListenerOptions, listen } from "./listener.ts";
export { endLostConnections } from "./lost-connections.ts";
export { FORGET_LOST_HOSTS, KEEP_ALIVE, type OpenPoolOptions, openPool } from "./pool.ts";
