{{/* Variables out of secrets; each takes the root. */}}
{{- define "axial.env.database" -}}
- name: AXIAL_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}

{{- define "axial.env.queue" -}}
- name: AXIAL_QUEUE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.secrets.queue.name }}
      key: {{ .Values.secrets.queue.key }}
{{- end }}

{{- define "axial.env.blobs" -}}
{{- $blobs := .Values.secrets.blobs }}
- name: AXIAL_BLOB_URL
  valueFrom:
    secretKeyRef:
      name: {{ $blobs.name }}
      key: {{ $blobs.key }}
{{- range $variable, $key := dict "AWS_ACCESS_KEY_ID" $blobs.accessKeyId "AWS_SECRET_ACCESS_KEY" $blobs.secretAccessKey }}
{{- if $key }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $blobs.name }}
      key: {{ $key }}
      optional: true
{{- end }}
{{- end }}
{{- end }}

{{/* By which results knows its workers. */}}
{{- define "axial.env.outcomes" -}}
- name: AXIAL_OUTCOME_KEYS
  valueFrom:
    secretKeyRef:
      name: {{ .Values.secrets.outcomes.name }}
      key: {{ .Values.secrets.outcomes.key }}
{{- end }}

{{/* A credential that only reads, for engines, or that they may have the worker's. */}}
{{- define "axial.env.blobsRead" -}}
{{- $blobs := .Values.secrets.blobs }}
{{- if $blobs.enginesShareCredential }}
- name: AXIAL_WORKER_SHARED_CREDENTIAL
  value: "on"
{{- end }}
{{- range $variable, $key := dict "AXIAL_BLOB_READ_ACCESS_KEY_ID" $blobs.readAccessKeyId "AXIAL_BLOB_READ_SECRET_ACCESS_KEY" $blobs.readSecretAccessKey }}
{{- if $key }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $blobs.name }}
      key: {{ $key }}
      optional: true
{{- end }}
{{- end }}
{{- end }}

{{/* How links in answers begin: as it is set, else the host at which the installation is reached. */}}
{{- define "axial.publicUrl" -}}
{{- if .Values.config.AXIAL_PUBLIC_URL }}{{ .Values.config.AXIAL_PUBLIC_URL }}
{{- else if .Values.ingress.enabled }}http{{ if .Values.ingress.tls.enabled }}s{{ end }}://{{ .Values.ingress.host }}
{{- else if .Values.gatewayApi.enabled }}https://{{ first .Values.gatewayApi.hostnames }}
{{- end }}
{{- end }}
