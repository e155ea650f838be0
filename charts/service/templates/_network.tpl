{{/* Pods of this shop in this namespace, as NetworkPolicy peers. Takes root, name, component. */}}
{{- define "bulkhead.peer" -}}
- podSelector:
    matchLabels:
      {{- include "bulkhead.selector" . | nindent 6 }}
{{- end -}}

{{- define "bulkhead.dnsEgress" -}}
- to:
    {{- toYaml .Values.global.networkPolicy.dns.to | nindent 4 }}
  ports:
    {{- range .Values.global.networkPolicy.dns.ports }}
    - { port: {{ . }}, protocol: UDP }
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end -}}

{{/*
Egress to a server that values name: {to, ports}. Without `to` it is the component of infra that `name` says, or
anywhere on those ports where the address is given by a Secret or value of one's own (`own`): a NetworkPolicy takes no
host names. Production asks for `to` then; see bulkhead.networkChecks.
*/}}
{{- define "bulkhead.egress" -}}
- ports:
    {{- range .rule.ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- if .rule.to }}
  to:
    {{- toYaml .rule.to | nindent 4 }}
  {{- else if not .own }}
  to:
    {{- include "bulkhead.peer" (dict "root" .root "name" .name "component" "infra") | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "bulkhead.databaseEgress" -}}
{{- include "bulkhead.egress" (dict "root" . "name" "postgresql" "rule" .Values.global.networkPolicy.database "own" .Values.database.existingSecret) -}}
{{- end -}}

{{- define "bulkhead.brokerEgress" -}}
{{- include "bulkhead.egress" (dict "root" . "name" "rabbitmq" "rule" .Values.global.networkPolicy.broker "own" .Values.broker.existingSecret) -}}
{{- end -}}

{{/* To the mail server: the mail catcher, unless SMTP_URL is another's. Its ports follow the URL, where it can be read. */}}
{{- define "bulkhead.smtpEgress" -}}
{{- $v := .Values -}}
{{- $url := toString (get $v.config "SMTP_URL" | default "") -}}
{{- $own := or $v.secrets.SMTP_URL.existingSecret $url -}}
{{- $port := regexFind ":[0-9]+/?$" $url | trimPrefix ":" | trimSuffix "/" -}}
{{- $ports := $v.networkPolicy.smtp.ports -}}
{{- if $ports -}}
{{- else if not $own -}}
{{- $ports = list 1025 -}}
{{- else if $v.secrets.SMTP_URL.existingSecret -}}
{{- $ports = list 25 465 587 -}}
{{- else -}}
{{- $ports = list (int ($port | default (hasPrefix "smtps:" $url | ternary "465" "587"))) -}}
{{- end -}}
{{- include "bulkhead.egress" (dict "root" . "name" "mail-catcher" "rule" (dict "to" $v.networkPolicy.smtp.to "ports" $ports) "own" $own) -}}
{{- end -}}

{{/* The API server, by the addresses that values name. */}}
{{- define "bulkhead.apiServerEgress" -}}
- to:
    {{- toYaml .Values.global.networkPolicy.apiServer.to | nindent 4 }}
  ports:
    {{- range .Values.global.networkPolicy.apiServer.ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end -}}

{{/* Everything of a policy but its rules. Takes fullname, names, and annotations where it belongs to a hook. */}}
{{- define "bulkhead.policyHead" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .fullname }}
  labels:
    {{- include "bulkhead.labels" .names | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "bulkhead.selector" .names | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end -}}

{{/* Nothing comes in or goes out but what the service's calls need. */}}
{{- define "bulkhead.networkPolicy" -}}
{{- $root := . -}}
{{- $v := .Values -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $policies := $v.global.networkPolicy -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{ include "bulkhead.policyHead" (dict "fullname" $fullname "names" (dict "root" . "name" .Chart.Name "component" "service")) }}
  ingress:
    {{- range $facts.callers }}
    - from:
        {{- include "bulkhead.peer" (dict "root" $root "name" . "component" "service") | nindent 8 }}
      ports: [{ port: 8080, protocol: TCP }]
    {{- end }}
    {{- if eq .Chart.Name "gateway" }}
    - from:
        {{- include "bulkhead.peer" (dict "root" $root "name" "shopper" "component" "test") | nindent 8 }}
        {{- include "bulkhead.peer" (dict "root" $root "name" "payment-provider" "component" "simulation") | nindent 8 }}
      ports: [{ port: 8080, protocol: TCP }]
    {{- if ne $v.exposure.type "none" }}
    - from:
        {{- toYaml $v.exposure.from | nindent 8 }}
      ports: [{ port: 8080, protocol: TCP }]
    {{- end }}
    {{- end }}
    {{- if or $v.global.monitoring.enabled $v.global.monitoring.open }}
    - from:
        {{- toYaml $policies.monitoring.from | nindent 8 }}
      ports: [{ port: 9090, protocol: TCP }]
    {{- end }}
    {{- with $v.networkPolicy.extraIngress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    {{- include "bulkhead.dnsEgress" . | nindent 4 }}
    {{- range $facts.peers }}
    - to:
        {{- include "bulkhead.peer" (dict "root" $root "name" . "component" "service") | nindent 8 }}
      ports: [{ port: 8080, protocol: TCP }]
    {{- end }}
    {{- if $facts.database }}
    {{- include "bulkhead.databaseEgress" . | nindent 4 }}
    {{- include "bulkhead.brokerEgress" . | nindent 4 }}
    {{- end }}
    {{- if eq (include "bulkhead.issuerKeys" .) "api-server" }}
    {{- include "bulkhead.apiServerEgress" . | nindent 4 }}
    {{- end }}
    {{- if $v.global.telemetry.otlpEndpoint }}
    - to:
        {{- toYaml $policies.otlp.to | nindent 8 }}
      ports:
        {{- range $policies.otlp.ports }}
        - { port: {{ . }}, protocol: TCP }
        {{- end }}
    {{- end }}
    {{- if eq .Chart.Name "notification" }}
    {{- include "bulkhead.smtpEgress" . | nindent 4 }}
    {{- end }}
    {{- if eq .Chart.Name "payment" }}
    {{- if $v.simulatedProvider.enabled }}
    - to:
        {{- include "bulkhead.peer" (dict "root" $root "name" "payment-provider" "component" "simulation") | nindent 8 }}
      ports: [{ port: 8090, protocol: TCP }]
    {{- else }}
    - to:
        {{- toYaml $v.networkPolicy.provider.to | nindent 8 }}
      ports:
        {{- range $v.networkPolicy.provider.ports }}
        - { port: {{ . }}, protocol: TCP }
        {{- end }}
    {{- end }}
    {{- end }}
    {{- with $v.networkPolicy.extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- if $facts.database }}
---
{{ include "bulkhead.policyHead" (dict "fullname" (printf "%s-migrate" $fullname) "names" (dict "root" . "name" .Chart.Name "component" "migration")) }}
  egress:
    {{- include "bulkhead.dnsEgress" . | nindent 4 }}
    {{- include "bulkhead.databaseEgress" . | nindent 4 }}
{{- end }}
{{- end -}}
