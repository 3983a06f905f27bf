# The worker on a GPU: the service image's /app and Node on NVIDIA's CUDA runtime, with ONNX
# Runtime's CUDA and TensorRT providers. The driver (libcuda.so.1) comes from the host, by NVIDIA's
# container toolkit. Built by `npm run images -- --gpu`, which pins the base images.
ARG CUDA_IMAGE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04
ARG SERVICE_IMAGE=axial-service:0.1.0

FROM ${SERVICE_IMAGE} AS service

FROM ${CUDA_IMAGE} AS providers
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-pip unzip
WORKDIR /providers
COPY docker/gpu/requirements.txt /tmp/
RUN pip download --quiet --no-deps --require-hashes --only-binary=:all: --python-version=3.12 \
      --platform=manylinux_2_28_x86_64 --requirement=/tmp/requirements.txt --dest=/tmp/wheels \
 && unzip -q -j /tmp/wheels/*.whl 'onnxruntime/capi/libonnxruntime_providers_*.so' \
 && unzip -q -p /tmp/wheels/*.whl 'onnxruntime_gpu-*.dist-info/METADATA' > METADATA

FROM ${CUDA_IMAGE}
# "cuda" alone omits TensorRT, whose libraries are larger than everything else together.
ARG PROVIDERS="cuda tensorrt"
# For the CUDA release of the base image, from the repository that it configures: the release that the
# provider was compiled against, or a newer one with the same major version.
ARG TENSORRT_VERSION=10.14.1.48-1+cuda13.0
RUN case "$PROVIDERS" in *tensorrt*) \
      apt-get update -qq && apt-get install -y -qq --no-install-recommends \
        "libnvinfer10=$TENSORRT_VERSION" "libnvinfer-plugin10=$TENSORRT_VERSION" \
        "libnvonnxparsers10=$TENSORRT_VERSION" \
      && rm -rf /var/lib/apt/lists/* ;; \
    esac
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=https://example.org/axial
LABEL org.opencontainers.image.title="axial-worker-gpu" \
      org.opencontainers.image.description="Axial: GPU worker" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=service /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=service /app/ ./
COPY --from=providers /providers/ node_modules/onnxruntime-node/bin/napi-v6/linux/x64/
COPY docker/gpu/check-providers.ts docker/gpu/tensorrt-version.ts docker/gpu/
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    AXIAL_WORKER_HOST=0.0.0.0 \
    AXIAL_WORKER_PORT=8080 \
    AXIAL_WORKER_PROVIDERS=cuda \
    AXIAL_MODELS_DIR=/app/models
USER 10001:10001
# Fails when a library that a provider links against, or opens while it runs, is not in the image.
RUN node docker/gpu/check-providers.ts $PROVIDERS
EXPOSE 8080
# Loading every model on a device, or building TensorRT's engines, takes minutes.
HEALTHCHECK --interval=15s --timeout=10s --start-period=600s --retries=3 \
    CMD ["node", "docker/image/healthcheck.mjs"]
ENTRYPOINT ["node"]
CMD ["services/worker/src/main.ts"]
