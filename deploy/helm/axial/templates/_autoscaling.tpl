{{/* Up at once, down slowly: dict "indent" is the caller's. */}}
{{- define "axial.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - type: Percent
      value: 100
      periodSeconds: 15
    - type: Pods
      value: 4
      periodSeconds: 15
  selectPolicy: Max
scaleDown:
  stabilizationWindowSeconds: 300
  policies:
    - type: Percent
      value: 25
      periodSeconds: 60
{{- end }}
