"""Writing model packages: graph, manifest, golden cases."""
