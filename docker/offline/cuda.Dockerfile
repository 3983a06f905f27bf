# Stands in for nvidia/cuda's runtime with cuDNN, from NVIDIA's packages on PyPI: the same libraries of
# the same CUDA release, where the loader looks for them. It has no TensorRT, whose libraries only
# NVIDIA's own servers provide: build on it with --build-arg PROVIDERS=cuda.
FROM debian:trixie-slim AS unpack
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-pip unzip
WORKDIR /wheels
RUN pip download --quiet --no-deps --no-cache-dir \
      "nvidia-cuda-runtime==13.0.*" "nvidia-cublas==13.1.0.3" "nvidia-cudnn-cu13==9.19.1.2" \
      "nvidia-curand==10.4.0.*" "nvidia-cufft==12.0.0.*" "nvidia-cuda-nvrtc==13.0.*" \
 && mkdir -p /cuda/lib64 \
 && for wheel in *.whl; do unzip -q -j -o "$wheel" '*/lib/*.so*' -d /cuda/lib64; rm "$wheel"; done

FROM debian:trixie-slim
COPY --from=unpack /cuda /usr/local/cuda
# The machine's certificate authorities, for what is installed on top.
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN echo /usr/local/cuda/lib64 > /etc/ld.so.conf.d/cuda.conf && ldconfig
