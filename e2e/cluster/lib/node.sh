# containerd, kubelet, kube-proxy, and kube-router for network policies.

node() { # NODE
  local index=$1 state
  state=$(node_state "$index")
  node_files "$index"
  start "$index" containerd containerd --config "$state/containerd.toml"
  until_true 120 containerd inside "$index" ctr version
  load "$index" "$HOME_DIR/images/pause.tar"
  load "$index" "$HOME_DIR/images/coredns.tar"
  start "$index" kubelet kubelet --config "$state/kubelet.yaml" --kubeconfig "$STATE/node-$index.conf" \
    --hostname-override "node-$index" --node-ip "$(node_ip "$index")" --cert-dir "$state/kubelet-pki"
  start "$index" kube-proxy kube-proxy --kubeconfig "$STATE/kube-proxy.conf" --hostname-override "node-$index" \
    --proxy-mode iptables --cluster-cidr $ALL_PODS \
    --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0s --conntrack-tcp-timeout-close-wait 0s
  until_true 300 "node-$index" k wait --for=condition=Ready --timeout 1s "node/node-$index"
  start "$index" kube-router kube-router --kubeconfig "$STATE/kube-router.conf" --hostname-override "node-$index" \
    --run-firewall=true --run-router=false --run-service-proxy=false --service-cluster-ip-range $SERVICE_NETWORK
}

node_files() { # NODE
  local index=$1 state
  state=$(node_state "$index")
  mkdir -p "$state/root/etc/cni/net.d"
  cat > "$state/root/etc/cni/net.d/10-pods.conflist" <<JSON
{ "cniVersion": "1.0.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$(pods_of "$index")" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } }] }
JSON
  cat > "$state/containerd.toml" <<TOML
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "cluster.local/pause:$PAUSE"
  # On some machines root lacks CAP_SYS_RESOURCE: no score below its own then.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$ROOT/usr/lib/cni"
TOML
  touch "$state/resolv.conf"
  cat > "$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: { enabled: false }
  webhook: { enabled: true }
  x509: { clientCAFile: $STATE/pki/ca.crt }
authorization: { mode: Webhook }
tlsCertFile: $STATE/pki/kubelet-$index.crt
tlsPrivateKeyFile: $STATE/pki/kubelet-$index.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /axial-cluster-$index
failCgroupV1: false
failSwapOn: false
clusterDomain: cluster.local
clusterDNS: [$DNS_IP]
resolvConf: $state/resolv.conf
# No image can be pulled again: none is thrown away.
imageGCHighThresholdPercent: 100
evictionHard: { memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1% }
YAML
}
