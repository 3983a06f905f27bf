# One image for every service that runs on a CPU: gateway, archive, results, console, the migrations
# job and the worker. They differ in the script that they run:
#
#   docker run … axial-service services/gateway/src/main.ts
#
# Node runs the TypeScript directly, so there is no build step except choosing what to copy.
# Built by `npm run images`, which pins the base images.
ARG NODE_IMAGE=node:24.21.0-trixie-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian13:nonroot

# The part of the repository that the services need, and its part of the lock file.
FROM ${NODE_IMAGE} AS prune
WORKDIR /repo
COPY package.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm install --global --no-fund "turbo@$(node -p 'require("./package.json").devDependencies.turbo')"
COPY . .
RUN turbo prune --production --docker @axial/gateway @axial/archive @axial/results @axial/console @axial/worker

# Their production dependencies, without what only other platforms or developers use.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY --from=prune /repo/out/json/ ./
RUN npm pkg delete devDependencies --workspaces --include-workspace-root
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund
RUN npm sbom --omit=dev --sbom-format=cyclonedx > sbom.cdx.json
COPY docker/image/prune-modules.ts /tmp/
RUN node /tmp/prune-modules.ts node_modules

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=https://example.org/axial
LABEL org.opencontainers.image.title="axial-service" \
      org.opencontainers.image.description="Axial: gateway, archive, results, console, migrations, CPU worker" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=dependencies /app/ ./
COPY --from=prune /repo/out/full/ ./
# The release's models are in the image's last large layer: one digest covers code and weights, a pod
# starts without a volume, and a new model changes only this layer.
COPY models/ models/
COPY docker/image/healthcheck.mjs docker/image/check-image.ts docker/image/store-policy.ts docker/image/
# A site's own models: mount a folder here. Both folders are searched, like a PATH.
# ONNX Runtime's official builds send telemetry to Microsoft unless told not to.
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    AXIAL_HOST=0.0.0.0 \
    AXIAL_PORT=8080 \
    AXIAL_WORKER_HOST=0.0.0.0 \
    AXIAL_WORKER_PORT=8080 \
    AXIAL_MODELS_DIR=/app/models
# Numeric, so that Kubernetes can verify that it is not root. Nothing below / is written.
USER 10001:10001
RUN ["node", "docker/image/check-image.ts"]
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=10s --start-period=120s --retries=3 \
    CMD ["node", "docker/image/healthcheck.mjs"]
# Node itself is process 1, so that signals reach it and it shuts down cleanly.
ENTRYPOINT ["node"]
CMD ["services/gateway/src/main.ts"]
