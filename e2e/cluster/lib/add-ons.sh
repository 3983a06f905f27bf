# What stands beside Axial: KEDA, metrics-server and the Prometheus operator.

ADD_ONS="crds keda metrics-server monitoring"

add_on() { # NAME
  local began=$SECONDS
  case $1 in
    crds)
      k apply --server-side --force-conflicts --recursive -f "$SRC/crds-$PROMETHEUS_OPERATOR" \
        -f "$SRC/crds-$CLOUDNATIVE_PG" -f "$SRC/crds-gateway-$GATEWAY_API" -f "$SRC/keda-config-$KEDA/crd/bases" > /dev/null ;;
    keda) keda ;;
    metrics-server)
      from_manifest metrics-server kube-system
      k wait --for=condition=Available apiservice/v1beta1.metrics.k8s.io --timeout 180s > /dev/null ;;
    monitoring) monitoring ;;
    *) echo "nothing is called $1; there are $ADD_ONS" >&2; return 1 ;;
  esac
  say "$1 after $((SECONDS - began)) s"
}

from_manifest() { # NAME NAMESPACE: manifest, image and deployment have the same name
  load_everywhere "$HOME_DIR/images/$1.tar"
  k apply -f <(fill "$1.yaml") > /dev/null
  k -n "$2" rollout status "deployment/$1" --timeout 240s > /dev/null
}

keda() {
  local folder=$STATE/keda program
  for program in keda keda-adapter keda-admission-webhooks; do load 1 "$HOME_DIR/images/$program.tar"; done
  [[ -d $folder/config ]] || { mkdir -p "$folder"; cp -r "$SRC/keda-config-$KEDA" "$folder/config"; }
  fill keda-kustomization.yaml > "$folder/kustomization.yaml"
  k apply --server-side --force-conflicts -k "$folder" > /dev/null
  for program in keda-operator keda-metrics-apiserver keda-admission; do
    k -n keda rollout status "deployment/$program" --timeout 240s > /dev/null
  done
  k wait --for=condition=Available apiservice/v1beta1.external.metrics.k8s.io --timeout 180s > /dev/null
}

monitoring() {
  local name
  for name in prometheus-operator prometheus-config-reloader; do load_everywhere "$HOME_DIR/images/$name.tar"; done
  k apply -f <(fill monitoring.yaml) > /dev/null
  k -n monitoring rollout status deployment/prometheus-operator --timeout 240s > /dev/null
  until_true 240 "Prometheus" k -n monitoring rollout status statefulset/prometheus-main --timeout 5s
}
