export { type Leadership, seekLeadership } from "./leadership.ts";
export { type Listener, listen } from "./listener.ts";
export { endLostConnections } from "./lost-connections.ts";
export { FORGET_LOST_HOSTS, KEEP_ALIVE, openPool } from "./pool.ts";
