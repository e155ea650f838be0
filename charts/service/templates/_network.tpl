{{/* Pods of this shop in this namespace, as NetworkPolicy peers. Takes root, name, component. */}}
{{- define "bulkhead.peer" -}}
- podSelector:
    matchLabels:
      {{- include "bulkhead.selector" . | nindent 6 }}
{{- end -}}

{{/* A service, and its preflight, which goes where it goes: one peer, not two. Takes root and name. */}}
{{- define "bulkhead.callers" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .name }}
      app.kubernetes.io/part-of: {{ include "bulkhead.shop" .root }}
    matchExpressions:
      - { key: app.kubernetes.io/component, operator: In, values: [service, preflight] }
{{- end -}}

{{/*
Ports of a rule, as JSON: those that are meant, and in an ambient mesh the one through which its proxies carry all that
goes from pod to pod (HBONE). Takes root and ports.
*/}}
{{- define "bulkhead.ports" -}}
{{- $ports := list -}}
{{- range .ports }}{{ $ports = append $ports (dict "port" (int .) "protocol" "TCP") }}{{ end -}}
{{- if eq .root.Values.global.mesh "ambient" }}{{ $ports = append $ports (dict "port" 15008 "protocol" "TCP") }}{{ end -}}
{{- toJson $ports -}}
{{- end -}}

{{/* In an ambient mesh the kubelet's probes come from an address of the mesh's, whatever the pod's network is. */}}
{{- define "bulkhead.probeIngress" -}}
{{- if eq .Values.global.mesh "ambient" }}
- from:
    - ipBlock: { cidr: 169.254.7.127/32 }
    - ipBlock: { cidr: "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128" }
{{- end }}
{{- end -}}

{{/* A sidecar asks the mesh's control plane for its certificate and for where its peers are. */}}
{{- define "bulkhead.meshEgress" -}}
{{- if eq .Values.global.mesh "sidecar" }}
- to:
    - namespaceSelector: {}
  ports: [{ port: 15012, protocol: TCP }]
{{- end }}
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
  {{- if and .own (not .rule.to) }}
    {{- range .rule.ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- else }} {{ include "bulkhead.ports" (dict "root" .root "ports" .rule.ports) }}
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
{{- include "bulkhead.egress" (dict "root" . "name" "postgresql" "rule" .Values.global.networkPolicy.database "own" (or .Values.database.existingSecret .Values.global.provision.enabled)) -}}
{{- end -}}

{{- define "bulkhead.brokerEgress" -}}
{{- include "bulkhead.egress" (dict "root" . "name" "rabbitmq" "rule" .Values.global.networkPolicy.broker "own" (or .Values.broker.existingSecret .Values.global.provision.enabled)) -}}
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

{{/*
The API server, by the addresses that values name, else anywhere on its ports: every cluster has it elsewhere, and some
outside. Production asks for them; see bulkhead.networkChecks.
*/}}
{{- define "bulkhead.apiServerEgress" -}}
- ports:
    {{- range .Values.global.networkPolicy.apiServer.ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .Values.global.networkPolicy.apiServer.to }}
  to:
    {{- toYaml . | nindent 4 }}
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
        {{- include "bulkhead.callers" (dict "root" $root "name" .) | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
    {{- end }}
    {{- if $facts.site }}
    - from:
        {{- toYaml $v.networkPolicy.from | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
    {{- end }}
    {{- if eq .Chart.Name "gateway" }}
    - from:
        {{- include "bulkhead.peer" (dict "root" $root "name" "shopper" "component" "test") | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
    {{- if ne $v.exposure.type "none" }}
    - from:
        {{- toYaml $v.exposure.from | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
    {{- end }}
    {{- end }}
    {{- if or $v.global.monitoring.enabled $v.global.monitoring.open }}
    - from:
        {{- toYaml $policies.monitoring.from | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 9090)) }}
    {{- end }}
    {{- include "bulkhead.probeIngress" . | nindent 4 }}
    {{- with $v.networkPolicy.extraIngress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    {{- include "bulkhead.serviceEgress" . | nindent 4 }}
{{- end -}}

{{/* Where a service goes by itself. */}}
{{- define "bulkhead.serviceEgress" -}}
{{- $root := . -}}
{{- $v := .Values -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $policies := $v.global.networkPolicy -}}
{{- include "bulkhead.dnsEgress" . | nindent 0 }}
{{- include "bulkhead.meshEgress" . | nindent 0 }}
{{- range $facts.peers }}
- to:
    {{- include "bulkhead.peer" (dict "root" $root "name" . "component" "service") | nindent 4 }}
  ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
{{- end }}
{{- if $facts.database }}
{{- include "bulkhead.databaseEgress" . | nindent 0 }}
{{- include "bulkhead.brokerEgress" . | nindent 0 }}
{{- end }}
{{- if eq (include "bulkhead.issuerKeys" .) "api-server" }}
{{- include "bulkhead.apiServerEgress" . | nindent 0 }}
{{- end }}
{{- if and $v.global.telemetry.otlpEndpoint (not $facts.site) }}
- to:
    {{- toYaml $policies.otlp.to | nindent 4 }}
  ports: {{ include "bulkhead.ports" (dict "root" $ "ports" $policies.otlp.ports) }}
{{- end }}
{{- if eq .Chart.Name "notification" }}
{{- include "bulkhead.smtpEgress" . | nindent 0 }}
{{- end }}
{{- if eq .Chart.Name "payment" }}
{{- if $v.simulatedProvider.enabled }}
- to:
    {{- include "bulkhead.peer" (dict "root" $root "name" "payment-provider" "component" "simulation") | nindent 4 }}
  ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8090)) }}
{{- else }}
- to:
    {{- toYaml $v.networkPolicy.provider.to | nindent 4 }}
  ports:
    {{- range $v.networkPolicy.provider.ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end }}
{{- end }}
{{- with $v.networkPolicy.extraEgress }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

{{/*
What a migration needs. On an upgrade the Job is a hook that runs before any ordinary object of the release is there, and
so is its policy then.
*/}}
{{- define "bulkhead.migrationPolicy" -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "migration" -}}
{{- $fullname := printf "%s-migrate" (include "bulkhead.fullname" .) -}}
{{ include "bulkhead.jobPolicyHead" (dict "root" . "fullname" $fullname "names" $names "hook" "pre-upgrade,pre-rollback" "weight" "-5") }}
  egress:
    {{- include "bulkhead.dnsEgress" . | nindent 4 }}
    {{- include "bulkhead.databaseEgress" . | nindent 4 }}
{{- end -}}

{{/* The head of a policy of a Job that is a hook on upgrades. Takes root, fullname, names, hook and weight. */}}
{{- define "bulkhead.jobPolicyHead" -}}
{{- $isOrdinary := not (empty (include "bulkhead.isFirst" .root)) -}}
{{- $annotations := dict "argocd.argoproj.io/sync-wave" "-1" -}}
{{- if not $isOrdinary -}}
{{- $annotations = dict "helm.sh/hook" .hook "helm.sh/hook-weight" .weight "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- end -}}
{{- include "bulkhead.policyHead" (dict "fullname" (printf "%s%s" .fullname ($isOrdinary | ternary "" "-upgrade")) "names" .names "annotations" $annotations) -}}
{{- end -}}
