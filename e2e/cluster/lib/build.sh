# Builds programs from the Go module proxy.

BUILDS="debian $(versions | awk '{ print $1 }') manifests images"

build() { # [NAME...]
  mkdir -p "$PROGRAMS" "$SRC" "$LOG"
  local name
  for name in ${*:-$BUILDS}; do
    case $name in
      debian) debian_packages ;;
      manifests) module_manifests ;;
      images) build_images ;;
      *) build_program "$name" ;;
    esac
  done
}

# Many modules replace others, which `go install` refuses: a module of our own takes over their
# replacements. A replacement by a folder becomes the published module.
build_program() { # NAME
  local file name version module package local_version folder began=$SECONDS ldflags="-s -w"
  file=$(program "$1")
  [[ -x $file ]] && return
  read -r name version module package local_version < <(program_row "$1")
  folder=$SRC/${module//\//_}-$version
  [[ $module != k8s.io/kubernetes ]] || ldflags+=" $(kubernetes_flags)"
  mkdir -p "$folder" "$(dirname "$file")"
  # In the condition of an `if` or before `||`, a failing command would not end the subshell.
  set +e
  (
    set -e
    export GOFLAGS="-mod=mod -buildvcs=false -p=${JOBS:-2}" CGO_ENABLED=0
    cd "$folder"
    [[ -f go.sum ]] || wrapping_module "$module" "$version" "$local_version"
    [[ $package == . ]] && package=$module || package=$module/$package
    nice -n "${NICE:-10}" go build -trimpath -ldflags "$ldflags" -o "$file.part" "$package"
    mv "$file.part" "$file"
  ) >> "$LOG/build-$name.log" 2>&1
  local status=$?
  set -e
  ((status == 0)) || { tail -20 "$LOG/build-$name.log" >&2; return 1; }
  say "built $name $version in $((SECONDS - began)) s, $(($(stat -c %s "$file") / 1048576)) MiB" | tee -a "$LOG/build-times.log"
}

kubernetes_flags() {
  local minor=${KUBERNETES#1.} base=k8s.io/component-base/version
  echo "-X $base.gitVersion=v$KUBERNETES -X $base.gitMajor=1 -X $base.gitMinor=${minor%.*} -X k8s.io/client-go/pkg/version.gitVersion=v$KUBERNETES"
}

# Writes go.mod and go.sum of a module that requires MODULE with the replacements that it has itself.
wrapping_module() { # MODULE VERSION VERSION_OF_LOCAL_REPLACEMENTS
  local upstream replacement
  upstream=$(module_folder "$1" "$2")
  { echo "module cluster.local/build"; grep -E '^(go|godebug) ' "$upstream/go.mod"; } > go.mod
  go mod edit -require "$1@v$2"
  awk -v local_version="$3" '{ sub("//.*", ""); sub("^replace ", "") }
    / => / && !/FORBIDDEN/ {
      for (i = 1; $i != "=>"; i++);
      from = (i == 3) ? $1 "@" $2 : $1; to = $(i + 1)
      print from "=" (to ~ /^\./ ? from "@v" local_version : to (i + 2 <= NF ? "@" $(i + 2) : "")) }' "$upstream/go.mod" |
    while read -r replacement; do go mod edit -replace "$replacement"; done
  cp "$upstream/go.sum" .
  chmod u+w go.sum
}

module_folder() { # MODULE VERSION
  local answer
  # The proxy may be slow to answer.
  answer=$(cd / && for try in 1 2 3; do GOFLAGS='' go mod download -json "$1@v$2" && break; done)
  sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<< "$answer" | grep .
}

# KEDA's installation and other operators' custom resource definitions, as their modules have them.
module_manifests() {
  local operator=github.com/prometheus-operator/prometheus-operator
  folder_of_module keda-config-$KEDA github.com/kedacore/keda/v2 $KEDA config
  folder_of_module crds-$PROMETHEUS_OPERATOR/prometheus $operator $PROMETHEUS_OPERATOR example/prometheus-operator-crd
  folder_of_module crds-$CLOUDNATIVE_PG/postgres github.com/cloudnative-pg/cloudnative-pg $CLOUDNATIVE_PG config/crd/bases
  folder_of_module crds-gateway-$GATEWAY_API/experimental sigs.k8s.io/gateway-api $GATEWAY_API config/crd/experimental
}

folder_of_module() { # NAME MODULE VERSION FOLDER
  [[ -d $SRC/$1 ]] && return
  mkdir -p "$(dirname "$SRC/$1")"
  cp -r "$(module_folder "$2" "$3")/$4" "$SRC/$1"
  chmod -R u+w "$SRC/$1"
  # Definitions are read file by file.
  case $1 in crds-*) rm -f "$SRC/$1/kustomization.yaml" ;; esac
}

debian_packages() {
  [[ -x $ROOT/usr/bin/containerd ]] && return
  mkdir -p "$ROOT" "$HOME_DIR/debs"
  (
    cd "$HOME_DIR/debs"
    # shellcheck disable=SC2086
    apt-get update && apt-get download $DEBIAN_PACKAGES
    for package in *.deb; do dpkg -x "$package" "$ROOT"; done
    # Debian chooses by update-alternatives, which has not run here.
    for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
      ln -sf xtables-nft-multi "$ROOT/usr/sbin/$tool"
    done
  ) > "$LOG/debian.log" 2>&1
  say "Debian's containerd, runc, CNI plugins, iptables, ipset: $(du -sm "$ROOT" | cut -f1) MiB"
}
