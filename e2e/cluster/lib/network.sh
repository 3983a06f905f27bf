# Addresses. Each node has a link to this machine and one to the other node; pods are reached from this
# machine by their own addresses, and nothing is translated, so that network policies see who asks.

NODES="1 2"
# Of node N: 10.231.N.2 behind 10.231.N.1, its pods 10.244.(N-1).0/24.
host_ip() { echo "10.231.$1.1"; }
node_ip() { echo "10.231.$1.2"; }
link_ip() { echo "10.231.9.$1"; }
pods_of() { echo "10.244.$(($1 - 1)).0/24"; }
host_link() { echo "axial-host-$1"; }
ALL_PODS=10.244.0.0/16
SERVICE_NETWORK=10.96.0.0/16
API_SERVICE_IP=10.96.0.1
DNS_IP=10.96.0.10
API_IP=$(node_ip 1)
API=https://$API_IP:6443

say() { echo "[$(date +%T)] $*"; }

until_true() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    ((SECONDS < end)) || { echo "$what did not come; see $LOG" >&2; return 1; }
    sleep 0.5
  done
}

k() { kubectl --kubeconfig "$STATE/admin.conf" "$@"; }

# A manifest with this script's variables filled in.
fill() { # FILE
  export DNS_IP STATE COREDNS KEDA METRICS_SERVER PROMETHEUS_OPERATOR PROMETHEUS_VERSION
  envsubst "\$DNS_IP \$STATE \$COREDNS \$KEDA \$METRICS_SERVER \$PROMETHEUS_OPERATOR \$PROMETHEUS_VERSION" < "$HERE/manifests/$1"
}

# Pods see these addresses of this machine as servers beyond the cluster.
outside() {
  local address
  for address in "$@"; do
    ip address replace "$address/32" dev "$(host_link 1)"
  done
}
