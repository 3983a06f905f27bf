{{/*
A component's section over what every pod has. dict root, section: the values as YAML.
*/}}
{{- define "axial.section" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy .section) | toYaml }}
{{- end }}

{{/*
What of a pod is the same everywhere. dict root, section (merged), component, account, and as they
are: pool, priority, tolerations, token, tmp.
*/}}
{{- define "axial.podCommon" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
serviceAccountName: {{ include "axial.serviceAccountName" (dict "root" .root "account" .account) }}
automountServiceAccountToken: false
{{- with .section.priorityClassName | default (include "axial.priorityClass" (dict "root" .root "priority" .priority)) }}
priorityClassName: {{ . }}
{{- end }}
{{- with .section.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .section.terminationGracePeriodSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
{{- with .section.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat (.tolerations | default list) .section.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .section.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .section.spread }}
topologySpreadConstraints:
  {{- $labels := include "axial.selectorLabels" . }}
  {{- range $key := .spreadKeys }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .section.podSecurityContext | nindent 2 }}
{{- end }}

{{/* Probes of a process that serves /livez and /readyz; startSeconds is how long it may start. */}}
{{- define "axial.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: http }
  periodSeconds: 2
  failureThreshold: {{ div .startSeconds 2 }}
livenessProbe:
  httpGet: { path: /livez, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{/* Annotations of a pod: its own, and a checksum, so that a changed setting rolls it. */}}
{{- define "axial.podAnnotations" -}}
checksum/config: {{ printf "%s %s" (toYaml .root.Values.config) (include "axial.publicUrl" .root) | sha256sum }}
{{- with .section.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* dict root, section: variables beyond the component's own. */}}
{{- define "axial.envFrom" -}}
envFrom:
  - configMapRef:
      name: {{ include "axial.fullname" .root }}-config
  {{- with .section.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "axial.mounts" -}}
{{- if or .section.tmpSize .section.extraVolumeMounts .token }}
volumeMounts:
  {{- if .section.tmpSize }}
  - name: tmp
    mountPath: /tmp
  {{- end }}
  {{- if .token }}
  - name: kubernetes-api
    mountPath: /var/run/secrets/kubernetes.io/serviceaccount
    readOnly: true
  {{- end }}
  {{- with .section.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "axial.volumes" -}}
{{- if or .section.tmpSize .section.extraVolumes .token }}
volumes:
  {{- with .section.tmpSize }}
  - name: tmp
    emptyDir:
      sizeLimit: {{ . }}
  {{- end }}
  {{- if .token }}
  - name: kubernetes-api
    projected:
      sources:
        - serviceAccountToken:
            path: token
            expirationSeconds: 3600
        - configMap:
            name: kube-root-ca.crt
            items: [{ key: ca.crt, path: ca.crt }]
        - downwardAPI:
            items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }]
  {{- end }}
  {{- with .section.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
