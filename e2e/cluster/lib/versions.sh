# What is built, by exact version.

# 1.34 is the last whose kubelet takes cgroup v1 without being asked to (failCgroupV1).
KUBERNETES=1.34.4
ETCD=3.6.13
HELM=3.18.6
COREDNS=1.14.7
KUBE_ROUTER=2.1.0
KEDA=2.21.0
METRICS_SERVER=0.8.0
PROMETHEUS_OPERATOR=0.85.0
# Of the program in the image prom/prometheus: Debian's, where docker/offline made the image.
PROMETHEUS_VERSION=${PROMETHEUS_VERSION:-2.53.3}
# Their custom resource definitions alone.
CLOUDNATIVE_PG=1.28.0
GATEWAY_API=1.4.0
PAUSE=1

DEBIAN_PACKAGES="containerd runc containernetworking-plugins iptables ipset conntrack
  libnftnl11 libnfnetlink0 libnetfilter-conntrack3 libip6tc2 libip4tc2 libxtables12 libipset13 libmnl0"

# name, version, module, package, version of the modules that it replaces by folders beside it
PROGRAM_TABLE="
etcd                       $ETCD                go.etcd.io/etcd/server/v3                              .                               $ETCD
kube-apiserver             $KUBERNETES          k8s.io/kubernetes                                      cmd/kube-apiserver              0.${KUBERNETES#1.}
kube-controller-manager    $KUBERNETES          k8s.io/kubernetes                                      cmd/kube-controller-manager     0.${KUBERNETES#1.}
kube-scheduler             $KUBERNETES          k8s.io/kubernetes                                      cmd/kube-scheduler              0.${KUBERNETES#1.}
kubectl                    $KUBERNETES          k8s.io/kubernetes                                      cmd/kubectl                     0.${KUBERNETES#1.}
kubelet                    $KUBERNETES          k8s.io/kubernetes                                      cmd/kubelet                     0.${KUBERNETES#1.}
kube-proxy                 $KUBERNETES          k8s.io/kubernetes                                      cmd/kube-proxy                  0.${KUBERNETES#1.}
helm                       $HELM                helm.sh/helm/v3                                        cmd/helm                        -
coredns                    $COREDNS             github.com/coredns/coredns                             .                               -
kube-router                $KUBE_ROUTER         github.com/cloudnativelabs/kube-router/v2              cmd/kube-router                 -
keda                       $KEDA                github.com/kedacore/keda/v2                            cmd/operator                    -
keda-adapter               $KEDA                github.com/kedacore/keda/v2                            cmd/adapter                     -
keda-admission-webhooks    $KEDA                github.com/kedacore/keda/v2                            cmd/webhooks                    -
metrics-server             $METRICS_SERVER      sigs.k8s.io/metrics-server                             cmd/metrics-server              -
prometheus-operator        $PROMETHEUS_OPERATOR github.com/prometheus-operator/prometheus-operator     cmd/operator                    $PROMETHEUS_OPERATOR
prometheus-config-reloader $PROMETHEUS_OPERATOR github.com/prometheus-operator/prometheus-operator     cmd/prometheus-config-reloader  $PROMETHEUS_OPERATOR
"

versions() {
  awk 'NF { print $1, $2 }' <<< "$PROGRAM_TABLE"
}

# The row of a program: name version module package local-version
program_row() { awk -v name="$1" '$1 == name' <<< "$PROGRAM_TABLE"; }

# The file of a program: by its version, so that another version is built beside it.
program() {
  local version
  version=$(program_row "$1" | awk '{ print $2 }')
  echo "$PROGRAMS/$1-${version:?no program is called $1}/$1"
}

program_path() {
  awk -v folder="$PROGRAMS" 'NF { printf "%s%s/%s-%s", separator, folder, $1, $2; separator = ":" }' <<< "$PROGRAM_TABLE"
}
