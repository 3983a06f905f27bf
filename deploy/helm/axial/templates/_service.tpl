{{/*
A service of Axial: deployment, address, disruption budget. dict root, component, port (of the
container), env (YAML of its own variables), ports, mounts and volumes beyond what each has.
*/}}
{{- define "axial.service" -}}
{{- $root := .root }}
{{- $component := .component }}
{{- $section := include "axial.section" (dict "root" $root "section" (index $root.Values $component)) | fromYaml }}
{{- $name := printf "%s-%s" (include "axial.fullname" $root) $component }}
{{- $keys := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
{{- $pod := dict "root" $root "section" $section "component" $component "account" $component "priority" "serving" "spreadKeys" $keys }}
{{- $_ := set $section "extraVolumeMounts" (concat (.mounts | default list) $section.extraVolumeMounts) }}
{{- $_ := set $section "extraVolumes" (concat (.volumes | default list) $section.extraVolumes) }}
{{- $scaled := and (ne $root.Values.autoscaling.kind "none") (hasKey $section "autoscaling") }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "axial.metadata" (merge (dict "name" $name) $pod) | nindent 2 }}
spec:
  {{- if not $scaled }}
  replicas: {{ $section.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "axial.selectorLabels" $pod | nindent 6 }}
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        {{- include "axial.podLabels" $pod | nindent 8 }}
      annotations:
        {{- include "axial.podAnnotations" $pod | nindent 8 }}
    spec:
      {{- include "axial.podCommon" $pod | nindent 6 }}
      containers:
        - name: {{ $component }}
          image: {{ include "axial.image" (dict "root" $root "gpu" false) }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [services/{{ $component }}/src/main.ts]
          ports:
            - name: http
              containerPort: {{ .port }}
            {{- with .ports }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- include "axial.envFrom" $pod | nindent 10 }}
          env:
            - name: AXIAL_PORT
              value: {{ .port | quote }}
            {{- with .env }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $section.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- include "axial.probes" (dict "startSeconds" 300) | nindent 10 }}
          # The endpoint is removed while the pod still answers.
          lifecycle:
            preStop:
              sleep:
                seconds: 5
          resources:
            {{- toYaml $section.resources | nindent 12 }}
          securityContext:
            {{- toYaml $section.securityContext | nindent 12 }}
          {{- include "axial.mounts" $pod | nindent 10 }}
      {{- include "axial.volumes" $pod | nindent 6 }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "axial.metadata" (merge (dict "name" $name "annotations" $section.service.annotations) $pod) | nindent 2 }}
spec:
  type: {{ $section.service.type }}
  selector:
    {{- include "axial.selectorLabels" $pod | nindent 4 }}
  ports:
    - name: http
      port: {{ $section.service.port }}
      targetPort: http
{{- if and $root.Values.disruptionBudgets.enabled (ne $component "console") }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "axial.metadata" (merge (dict "name" $name) $pod) | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "axial.selectorLabels" $pod | nindent 6 }}
{{- end }}
{{- end }}
