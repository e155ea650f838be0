{{/*
Dashboards and rules that lie in the chart's files: those of the shop in the umbrella, those of one service in a release of
its own. Takes root, and the name of what they are about.
*/}}
{{- define "bulkhead.shownAndWatched" -}}
{{- $root := .root -}}
{{- $v := $root.Values.monitoring -}}
{{- $labels := include "bulkhead.labels" (dict "root" $root "name" .name "component" "monitoring") -}}
{{- if $v.dashboards.enabled }}
{{- range $path, $_ := $root.Files.Glob "files/dashboards/*.json" }}
{{- $name := base $path | trimSuffix ".json" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "bulkhead.prefix" $root }}dashboard-{{ $name }}
  labels:
    {{- $labels | nindent 4 }}
    {{- toYaml $v.dashboards.labels | nindent 4 }}
  annotations:
    {{- toYaml $v.dashboards.annotations | nindent 4 }}
data:
  bulkhead-{{ $name }}.json: {{ $root.Files.Get $path | replace "https://runbooks.shop.example" (trimSuffix "/" $v.runbooks) | trim | quote }}
{{- end }}
{{- end }}
{{- if $v.rules.enabled }}
{{- range $path, $_ := $root.Files.Glob "files/alerts/*.yaml" }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "bulkhead.prefix" $root }}{{ base $path | trimSuffix ".yaml" }}
  labels:
    {{- $labels | nindent 4 }}
    {{- with $root.Values.global.monitoring.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- $root.Files.Get $path | replace "https://runbooks.shop.example" (trimSuffix "/" $v.runbooks) | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
