# A node's network, mounts and processes.

# Of the machine's folders that Kubernetes' programs write to, a node sees its own.
FOLDERS="/var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers /etc/cni"

node_state() { echo "$STATE/node-$1"; }
init_of() { cat "$(node_state "$1")/init.pid" 2> /dev/null; }

# Alive, and still that process: its network is not the machine's.
init_alive() {
  local pid network
  pid=$(init_of "$1") && network=$(readlink "/proc/$pid/ns/net" 2> /dev/null) &&
    [[ -n $network && $network != "$(readlink /proc/self/ns/net)" ]]
}

# Enters a node's namespaces; the libraries are those of Debian's iptables and ipset.
enter() {
  echo env "LD_LIBRARY_PATH=$ROOT/usr/lib/x86_64-linux-gnu" "XTABLES_LIBDIR=$ROOT/usr/lib/x86_64-linux-gnu/xtables" \
    nsenter --net --mount --pid --target "$(init_of "$1")" --
}
inside() { local index=$1; shift; $(enter "$index") "$@"; } # NODE COMMAND...

namespaces() { # NODE
  init_alive "$1" && return
  local index=$1 state folder pid unshare link ip host
  state=$(node_state "$index") link=$(host_link "$index") ip=$(node_ip "$index") host=$(host_ip "$index")
  for folder in $FOLDERS; do mkdir -p "$folder" "$state/root$folder"; done
  mkdir -p "$state/sysctl" "$LOG"
  chmod 711 "$state"
  # The node's process 1 waits for whatever the containers' shims leave to it; everything ends with it.
  setsid unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
    bash -c 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done' > "$LOG/init-$index.log" 2>&1 < /dev/null &
  unshare=$!
  until pid=$(tr -d ' ' < "/proc/$unshare/task/$unshare/children" 2> /dev/null) && [[ -n $pid ]]; do sleep 0.1; done
  echo "$pid" > "$state/init.pid"
  until_true 10 "the namespaces of node $index" init_alive "$index"

  ip link delete "$link" 2> /dev/null || true
  ip link add "$link" type veth peer name uplink netns "$pid"
  ip address add "$host/30" dev "$link"
  ip link set "$link" up
  ip route replace "$(pods_of "$index")" via "$ip"
  [[ $index != 1 ]] || ip route replace $SERVICE_NETWORK via "$ip"
  inside "$index" bash -euc "
    ip link set lo up; ip address add $ip/30 dev uplink; ip link set uplink up
    ip route add default via $host
    mount --make-rshared /
    mount -t tmpfs tmpfs /run
    for folder in $FOLDERS; do mount --bind $state/root\$folder \$folder; done
    sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
    # The kubelet would set these for the whole machine: it is shown that they are set.
    fake() { echo \$2 > $state/sysctl/\$1; mount --bind $state/sysctl/\$1 /proc/sys/\${1//.//}; }
    fake vm.overcommit_memory 1; fake vm.panic_on_oom 0; fake kernel.panic 10; fake kernel.panic_on_oops 1
    fake kernel.keys.root_maxkeys 1000000; fake kernel.keys.root_maxbytes 25000000"
  local controllers
  for controllers in /sys/fs/cgroup/*/; do mkdir -p "$controllers/axial-cluster-$index"; done
  # All pods together would have the share of one other process of this machine.
  [[ ! -d /sys/fs/cgroup/cpu ]] || echo 16384 > "/sys/fs/cgroup/cpu/axial-cluster-$index/cpu.shares"
}

# The nodes reach each other and each other's pods by a link of their own.
connect_nodes() {
  inside 1 ip link show peer > /dev/null 2>&1 && return
  ip link add peer netns "$(init_of 1)" type veth peer name peer netns "$(init_of 2)"
  local index other
  for index in $NODES; do
    other=$((3 - index))
    inside "$index" bash -euc "
      ip address add $(link_ip "$index")/30 dev peer; ip link set peer up
      ip route add $(node_ip $other)/32 via $(link_ip $other) src $(node_ip "$index")
      ip route add $(pods_of $other) via $(link_ip $other) src $(node_ip "$index")"
  done
}

start() { # NODE NAME COMMAND...
  local index=$1 name=$2 pid
  shift 2
  pid=$(node_state "$index")/$name.pid
  [[ -f $pid ]] && kill -0 "$(cat "$pid")" 2> /dev/null && return
  # shellcheck disable=SC2046
  setsid $(enter "$index") "$@" >> "$LOG/$name-$index.log" 2>&1 < /dev/null &
  echo $! > "$pid"
}

# Ends one of the programs as a crash would.
crash() { # NODE NAME
  local nsenter
  nsenter=$(cat "$(node_state "$1")/$2.pid")
  kill -KILL "$(tr -d ' ' < "/proc/$nsenter/task/$nsenter/children")"
}

end_node() { # NODE
  if init_alive "$1"; then kill -KILL "$(init_of "$1")"; fi
  until_true 60 "the end of node $1's containers" no_control_groups "$1"
  ip link delete "$(host_link "$1")" 2> /dev/null || true
}

# Empty control groups can be removed: they are when the last of the containers' processes is gone.
no_control_groups() { # NODE
  find /sys/fs/cgroup/*/"axial-cluster-$1" -depth -type d -exec rmdir {} + || true
  ! ls -d /sys/fs/cgroup/*/"axial-cluster-$1"
}
