import { serveTenants } from "../src/index.ts";

/** Answers each command with itself. */
serveTenants<string, string>({ run: async (command) => command });
