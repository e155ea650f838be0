{{/* What is said after a service was installed as a release of its own. */}}
{{- define "bulkhead.notes" -}}
{{- $v := .Values -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} listens at http://{{ $fullname }}.{{ .Release.Namespace }}:8080. To reach it from here:
  kubectl -n {{ .Release.Namespace }} port-forward svc/{{ $fullname }} 8080:8080
To watch it come up:
  kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ $fullname }}
{{- with $facts.peers }}

It calls {{ join ", " . }}; those that are not in this namespace are named by global.peers.
{{- end }}
{{- if $facts.database }}

Its database comes from the Secret {{ $v.database.existingSecret | default (printf "%s-database" $fullname) }}, its broker user from {{ $v.broker.existingSecret | default (printf "%s-broker" $fullname) }}.
{{- if not $v.migrations.enabled }}

WARNING: migrations.enabled is false: until somebody runs `main.js migrate`, new pods wait.
{{- end }}
{{- end }}
{{- if not $v.global.networkPolicy.enabled }}

WARNING: global.networkPolicy.enabled is false: every pod of the cluster may talk to it.
{{- end }}
{{- if $v.faults }}

WARNING: faults is true: whoever reaches the admin port and has its credential can break this service.
{{- end }}
{{- end -}}
