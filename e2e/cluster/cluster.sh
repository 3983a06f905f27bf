#!/bin/bash
# A real Kubernetes of two nodes on one Linux machine, without an image registry: every program is
# built from the Go module proxy, containerd and iptables come from Debian. Each node has network,
# mount and process namespaces of its own, so that nothing of the machine's firewall, mounts or
# sysctls changes, and ending a namespace's first process ends the node.
#
#   cluster.sh build [NAME...]       builds what is missing (idempotent); names: see lib/build.sh
#   cluster.sh built NAME            whether a program is there
#   cluster.sh up                    starts both nodes and waits until they are ready (idempotent)
#   cluster.sh add NAME...           crds, keda, metrics-server, monitoring
#   cluster.sh load FILE.tar         imports an image (docker save, OCI) on both nodes
#   cluster.sh tag IMAGE IMAGE       a second name for an imported image
#   cluster.sh node 1|2 COMMAND...   a command in a node's namespaces
#   cluster.sh outside ADDRESS...    addresses of this machine that pods see as being outside
#   cluster.sh crash 1|2 NAME        kills one of a node's programs; `up` starts it again
#   cluster.sh versions              name and version of every program, one a line
#   cluster.sh path                  the folders of the programs, as PATH has them
#   cluster.sh down                  ends it and removes its state; what was built stays
#
# Needs root, Linux, Go, dpkg and openssl. CLUSTER_DIR holds programs and state (default
# /var/cache/axial-cluster): programs by name and version.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HOME_DIR=${CLUSTER_DIR:-/var/cache/axial-cluster}
PROGRAMS=$HOME_DIR/programs
SRC=$HOME_DIR/src
ROOT=$HOME_DIR/debian
STATE=$HOME_DIR/state
LOG=$HOME_DIR/log

for part in versions network build images secrets namespaces control-plane node add-ons; do
  # shellcheck source=/dev/null
  source "$HERE/lib/$part.sh"
done
PATH=$(program_path):$ROOT/usr/sbin:$ROOT/usr/bin:$PATH
export PATH

up() {
  local began=$SECONDS index
  mkdir -p "$STATE" "$LOG"
  chmod 711 "$STATE"
  secrets
  for index in $NODES; do namespaces "$index"; done
  connect_nodes
  say "namespaces and secrets after $((SECONDS - began)) s"
  control_plane
  say "control plane after $((SECONDS - began)) s"
  for index in $NODES; do node "$index"; done
  say "nodes ready after $((SECONDS - began)) s"
  for index in 1 2 3 4 5 6 7 8; do mkdir -p -m 777 "$STATE/volumes/$index"; done
  k apply -f <(fill storage.yaml) -f <(fill coredns.yaml) > /dev/null
  k -n kube-system rollout status deployment/coredns --timeout 180s > /dev/null
  say "names are resolved after $((SECONDS - began)) s; KUBECONFIG=$STATE/admin.conf"
}

down() {
  local index
  for index in $NODES; do end_node "$index"; done
  rm -rf "$STATE"
}

command=${1:-}
shift || true
case $command in
  build) build "$@" ;;
  built) [[ -x $(program "$1") ]] ;;
  up | down | versions) $command ;;
  add) for name in "$@"; do add_on "$name"; done ;;
  load) load_everywhere "$(realpath "$1")" ;;
  tag) for index in $NODES; do inside "$index" ctr --namespace k8s.io images tag --force "$1" "$2" > /dev/null; done ;;
  node) inside "$@" ;;
  outside) outside "$@" ;;
  crash) crash "$@" ;;
  path) program_path ;;
  *) sed -n '2,/^set /p' "$0" | grep '^#' | cut -c3-; exit 1 ;;
esac
