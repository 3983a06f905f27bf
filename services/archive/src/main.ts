import { ownOpenApi } from "@axial/kit/open-api";
import { runService } from "@axial/service";
import { readConfig } from "./config.ts";
import { createArchive } from "./service.ts";

runService("archive", readConfig(), (host) => ({
  services: [createArchive(host.connections)],
  extend: (server) => ownOpenApi(server, "archive"),
  writes: false,
}));
