{{/* Names and labels, as charts have them. */}}
{{- define "axial.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "axial.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "axial.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "axial.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Of objects that the whole cluster shares: two releases do not meet. */}}
{{- define "axial.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "axial.fullname" .) }}
{{- end }}

{{/* dict root, component; with pool for a worker. */}}
{{- define "axial.selectorLabels" -}}
app.kubernetes.io/name: {{ include "axial.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
axial.dev/pool: {{ . }}
{{- end }}
{{- end }}

{{- define "axial.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ include "axial.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: axial
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .pool }}
axial.dev/pool: {{ . }}
{{- end }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Of a pod: nothing that changes with the chart alone, which is no reason to start it anew. */}}
{{- define "axial.podLabels" -}}
{{ include "axial.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/part-of: axial
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with .section.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* dict root, name; with component and pool: the metadata of a namespaced object. */}}
{{- define "axial.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "axial.labels" . | nindent 2 }}
{{- $annotations := merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* dict root, account: the name of a component's service account. */}}
{{- define "axial.serviceAccountName" -}}
{{- $account := index .root.Values.serviceAccounts .account }}
{{- if $account.name }}{{ $account.name }}
{{- else if $account.create }}{{ include "axial.fullname" .root }}-{{ .account }}
{{- else }}default{{ end }}
{{- end }}

{{/* dict root, gpu: the image with its tag or digest. */}}
{{- define "axial.image" -}}
{{- $image := .root.Values.image }}
{{- $repository := ternary $image.gpuRepository $image.repository .gpu }}
{{- $digest := ternary $image.gpuDigest $image.digest .gpu }}
{{- if $digest }}{{ $image.registry }}{{ $repository }}@{{ $digest }}
{{- else }}{{ $image.registry }}{{ $repository }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The priority class of a name in priorityClasses; nothing where the chart makes none. A hook has none: it comes before them. */}}
{{- define "axial.priorityClass" -}}
{{- if and .priority .root.Values.priorityClasses.create }}{{ include "axial.clusterName" .root }}-{{ .priority }}{{ end }}
{{- end }}
