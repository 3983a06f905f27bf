/**
 * To be imported first, before anything starts libuv's thread pool. A sync is a wait for the disk,
 * and with the four threads of the default no more than four files are synced at a time; disks and
 * their journals can do more at once. A variable that is already set wins.
 */
process.env.UV_THREADPOOL_SIZE ??= "16";
