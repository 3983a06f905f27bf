# Certificates and tokens, made anew for each cluster.

TOKENS="admin system:masters
system:kube-controller-manager -
system:kube-scheduler -
system:kube-proxy -
kube-router system:masters
system:node:node-1 system:nodes
system:node:node-2 system:nodes"

secrets() {
  local pki=$STATE/pki user group token index
  [[ -f $STATE/tokens.csv ]] && return
  mkdir -p "$pki"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$pki/ca.key" -out "$pki/ca.crt" -days 30 -subj /CN=cluster-ca 2> /dev/null
  certificate apiserver /CN=kube-apiserver "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$API_IP,IP:$API_SERVICE_IP"
  certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate front-proxy /CN=front-proxy
  for index in $NODES; do
    certificate "kubelet-$index" "/O=system:nodes/CN=system:node:node-$index" "DNS:node-$index,IP:$(node_ip "$index")"
  done
  openssl genrsa -out "$pki/service-accounts.key" 2048 2> /dev/null
  openssl rsa -in "$pki/service-accounts.key" -pubout -out "$pki/service-accounts.pub" 2> /dev/null
  while read -r user group; do
    token=$(openssl rand -hex 16)
    echo "$token,$user,$user,\"${group#-}\"" >> "$STATE/tokens.part"
    kubeconfig "$token" > "$STATE/${user##*:}.conf"
  done <<< "$TOKENS"
  chmod 600 "$STATE"/*.conf "$STATE/tokens.part"
  mv "$STATE/tokens.part" "$STATE/tokens.csv"
}

kubeconfig() { # TOKEN
  cat <<YAML
apiVersion: v1
kind: Config
clusters: [{ name: cluster, cluster: { server: $API, certificate-authority: $STATE/pki/ca.crt } }]
users: [{ name: user, user: { token: $1 } }]
contexts: [{ name: context, context: { cluster: cluster, user: user } }]
current-context: context
YAML
}

certificate() { # NAME SUBJECT [SUBJECT_ALTERNATIVE_NAMES]
  local pki=$STATE/pki
  openssl req -newkey rsa:2048 -nodes -keyout "$pki/$1.key" -subj "$2" -out "$pki/$1.csr" 2> /dev/null
  { echo "extendedKeyUsage=serverAuth,clientAuth"; [[ -z ${3:-} ]] || echo "subjectAltName=$3"; } > "$pki/$1.ext"
  openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 30 \
    -extfile "$pki/$1.ext" -out "$pki/$1.crt" 2> /dev/null
}
