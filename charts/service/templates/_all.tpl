{{/* Everything that a service is on Kubernetes: the one line of its chart. */}}
{{- define "bulkhead.all" -}}
{{- include "bulkhead.checks" . -}}
{{- include "bulkhead.finish" (dict "root" . "text" (include "bulkhead.objects" .)) }}
{{- include "bulkhead.extraObjects" . }}
{{- if .Chart.IsRoot }}
{{- include "bulkhead.shownAndWatched" (dict "root" . "name" .Chart.Name) }}
{{- end }}
{{- end -}}

{{- define "bulkhead.objects" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $v := .Values -}}
{{ include "bulkhead.serviceAccount" . }}
---
{{ include "bulkhead.configMap" . }}
---
{{ include "bulkhead.service" . }}
---
{{ include "bulkhead.deployment" . }}
{{- with include "bulkhead.serviceCredentials" . }}
---
{{ . }}
{{- end }}
{{- /* The umbrella provides for all of its services at once. */ -}}
{{- if and .Chart.IsRoot $facts.database $v.global.provision.enabled }}
---
{{ include "bulkhead.provision" (dict "root" . "services" (dict .Chart.Name $v.AsMap)) }}
{{- end }}
{{- if and .Chart.IsRoot $facts.database $v.global.backup.enabled }}
---
{{ include "bulkhead.backup" (dict "root" . "services" (dict .Chart.Name $v.AsMap)) }}
{{- end }}
{{- if and $facts.database $v.migrations.enabled }}
---
{{ include "bulkhead.migration" . }}
{{- end }}
{{- if not $facts.site }}
{{- with include "bulkhead.preflight" . }}
---
{{ . }}
{{- end }}
{{- end }}
{{- if $v.global.networkPolicy.enabled }}
---
{{ include "bulkhead.networkPolicy" . }}
{{- if and $facts.database $v.migrations.enabled }}
---
{{ include "bulkhead.migrationPolicy" . }}
{{- end }}
{{- end }}
{{- if eq $v.autoscaling.type "cpu" }}
---
{{ include "bulkhead.cpuAutoscaler" . }}
{{- else if eq $v.autoscaling.type "queue" }}
---
{{ include "bulkhead.queueAutoscaler" . }}
{{- end }}
{{- if $v.disruptionBudget.enabled }}
---
{{ include "bulkhead.disruptionBudget" . }}
{{- end }}
{{- if $v.global.monitoring.enabled }}
---
{{ include "bulkhead.monitor" . }}
{{- end }}
{{- if and (hasKey $v "exposure") (ne (dig "type" "none" ($v.exposure | default dict)) "none") }}
---
{{ include "bulkhead.exposure" . }}
{{- end }}
{{- if and (eq .Chart.Name "payment") $v.simulatedProvider.enabled }}
---
{{ include "bulkhead.simulatedProvider" . }}
{{- end }}
{{- end -}}
