/**
 * What Axial's images are made of, by exact version; compose.yaml names what runs beside them. A
 * registry's digest can be added after the tag (`name:tag@sha256:…`).
 */
export const NODE_IMAGE = "node:24.21.0-trixie-slim";
export const RUNTIME_IMAGE = "gcr.io/distroless/cc-debian13:nonroot";
/** CUDA 13, because the providers' libraries link against it: check-providers.ts says so if not. */
export const CUDA_IMAGE = "nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04";

export const SERVICE_IMAGE = "axial-service";
export const GPU_IMAGE = "axial-worker-gpu";
