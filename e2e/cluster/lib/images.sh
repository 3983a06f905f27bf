# Images of one static program each, as `docker save` writes them.

# Programs that run in pods.
IN_PODS="coredns keda keda-adapter keda-admission-webhooks metrics-server prometheus-operator prometheus-config-reloader"

build_images() {
  pause_program
  image "cluster.local/pause:$PAUSE" "$SRC/pause/pause"
  local name version
  for name in $IN_PODS; do
    version=$(program_row "$name" | awk '{ print $2 }')
    # Those that were not built are left out, and so are the checks that need them.
    [[ ! -x $(program "$name") ]] || image "cluster.local/$name:$version" "$(program "$name")"
  done
}

image() { # NAME:TAG PROGRAM
  local name=$1 program=$2 base folder
  base=$(basename "$program")
  [[ $HOME_DIR/images/$base.tar -nt $program ]] && return
  folder=$(mktemp -d)
  mkdir -p "$folder/root/tmp" "$HOME_DIR/images"
  chmod 1777 "$folder/root/tmp"
  cp "$program" "$folder/root/$base"
  tar -C "$folder/root" --owner=0 --group=0 --mtime=@0 --sort=name -cf "$folder/layer.tar" .
  cat > "$folder/config.json" <<JSON
{ "architecture": "$(go env GOARCH)", "os": "linux",
  "config": { "User": "65532:65532", "Entrypoint": ["/$base"], "Env": ["PATH=/"] },
  "rootfs": { "type": "layers", "diff_ids": ["sha256:$(sha256sum "$folder/layer.tar" | cut -d' ' -f1)"] } }
JSON
  echo "[{ \"Config\": \"config.json\", \"RepoTags\": [\"$name\"], \"Layers\": [\"layer.tar\"] }]" > "$folder/manifest.json"
  tar -C "$folder" -cf "$HOME_DIR/images/$base.tar" manifest.json config.json layer.tar
  rm -r "$folder"
}

# Holds a pod's namespaces: waits, and reaps what the pod's processes leave behind.
pause_program() {
  [[ -x $SRC/pause/pause ]] && return
  mkdir -p "$SRC/pause"
  cat > "$SRC/pause/main.go" <<'GO'
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for s := range signals {
		if s != syscall.SIGCHLD {
			return
		}
		for {
			if pid, _ := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 {
				break
			}
		}
	}
}
GO
  (cd "$SRC/pause" && GOFLAGS=-buildvcs=false CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o pause main.go)
}

load() { inside "$1" ctr --namespace k8s.io images import "$2" > /dev/null; } # NODE FILE

load_everywhere() { # FILE
  local index
  for index in $NODES; do load "$index" "$1"; done
}
