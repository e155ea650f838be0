{{/*
The service's variables that are no secret, as a JSON object: what the topology derives, what global values say, and over
both what `config` says.
*/}}
{{- define "bulkhead.environment" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $prefix := include "bulkhead.prefix" . -}}
{{- $global := .Values.global -}}
{{- $env := dict
  "NODE_ENV" $global.mode
  "LOG_LEVEL" $global.logLevel
  "PORT" "8080"
  "ADMIN_PORT" "9090"
  "SHUTDOWN_GRACE_MS" (printf "%d" (mul 1000 (int .Values.shutdown.graceSeconds)))
-}}
{{- /* Files of a site are served to whoever asks, and their serving is no part of a trace. */ -}}
{{- if not $facts.site -}}
{{- $_ := set $env "TRACES_MODE" $global.telemetry.tracesMode -}}
{{- $_ := set $env "TRACES_RATIO" (toString $global.telemetry.tracesRatio) -}}
{{- $_ := set $env "SERVICE_IDENTITY_DIR" "/var/run/bulkhead/identity" -}}
{{- $_ := set $env "SERVICE_IDENTITY_SUBJECT_PREFIX" (printf "system:serviceaccount:%s:%s" .Release.Namespace $prefix) -}}
{{- /* Unset, a service reads it from its own token: every cluster has another. */ -}}
{{- with $global.identity.issuer }}{{ $_ := set $env "SERVICE_IDENTITY_ISSUER" . }}{{ end -}}
{{- with $global.telemetry.otlpEndpoint }}{{ $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" . }}{{ end -}}
{{- end -}}
{{- $keys := include "bulkhead.issuerKeys" . -}}
{{- if eq $keys "file" -}}
{{- $_ := set $env "SERVICE_IDENTITY_JWKS" "/var/run/bulkhead/issuer/jwks.json" -}}
{{- else if $keys -}}
{{- $_ := set $env "SERVICE_IDENTITY_JWKS" $global.identity.jwks -}}
{{- if eq $keys "api-server" -}}
{{- $_ := set $env "SERVICE_IDENTITY_JWKS_CA_FILE" "/var/run/bulkhead/issuer/ca.crt" -}}
{{- $_ := set $env "SERVICE_IDENTITY_JWKS_TOKEN_FILE" "/var/run/bulkhead/issuer/token" -}}
{{- end -}}
{{- end -}}
{{- if .Values.faults }}{{ $_ := set $env "FAULTS" "on" }}{{ end -}}
{{- range $peer := $facts.peers -}}
{{- $url := get $global.peers $peer | default (printf "http://%s%s-pods:8080" $prefix $peer) -}}
{{- $_ := set $env (printf "%s_URL" (upper $peer)) $url -}}
{{- end -}}
{{- if $facts.database -}}
{{- $_ := set $env "DATABASE_POOL_SIZE" (toString .Values.database.poolSize) -}}
{{- $context := dict "root" . "service" .Chart.Name "values" .Values.AsMap -}}
{{- $env = merge $env (include "bulkhead.tlsEnvironment" $context | fromJson) -}}
{{- range $side := list "app" "broker" -}}
{{- $env = merge $env (include "bulkhead.login" (merge (dict "side" $side) $context) | fromJson).env -}}
{{- end -}}
{{- end -}}
{{- $derived := $facts.environment -}}
{{- with $facts.environmentByChoice -}}
{{- $choice := get $.Values.config .variable | default .default -}}
{{- $derived = merge (dict) $derived (get .environments $choice | default dict) -}}
{{- end -}}
{{- range $name, $value := $derived -}}
{{- $_ := set $env $name ($value | replace "{prefix}" $prefix | replace "{publicUrl}" $global.publicUrl) -}}
{{- end -}}
{{- if eq $global.mode "development" -}}
{{- range $name, $value := $facts.developmentEnvironment }}{{ $_ := set $env $name $value }}{{ end -}}
{{- end -}}
{{- /* A Gateway or Ingress is one proxy, which notes whom it was called by. How many stand before another's, values say. */ -}}
{{- $exposure := .Values.exposure | default dict -}}
{{- if or (eq (get $exposure "type") "ingress") (and (eq (get $exposure "type") "gateway") $exposure.gateway.create) -}}
{{- $_ := set $env "TRUSTED_HOPS" "1" -}}
{{- end -}}
{{- range $name, $value := .Values.config -}}
{{- if not (kindIs "invalid" $value) -}}
{{- /* Helm reads whole numbers of values files as floats: 1e+06 is no number for the service. */ -}}
{{- $text := kindIs "float64" $value | ternary (toJson $value) (toString $value) -}}
{{- /* And YAML reads on and off as booleans. */ -}}
{{- if kindIs "bool" $value }}{{ $text = ternary "on" "off" $value }}{{ end -}}
{{- $_ := set $env $name $text -}}
{{- end -}}
{{- end -}}
{{- range $name, $secret := .Values.secrets -}}
{{- if $secret.existingSecret }}{{ $_ := unset $env $name }}{{ end -}}
{{- end -}}
{{- toJson $env -}}
{{- end -}}

{{/*
Where a service gets the keys with which it checks its callers' tokens: "file" (a ConfigMap), "api-server" (an https URL,
which wants a token and the cluster's authority), "url", or nothing where nobody calls it.
*/}}
{{- define "bulkhead.issuerKeys" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $identity := .Values.global.identity -}}
{{- if not $facts.callers -}}
{{- else if $identity.keys.existingConfigMap -}}
file
{{- else if hasPrefix "https:" $identity.jwks -}}
api-server
{{- else -}}
url
{{- end -}}
{{- end -}}

{{/*
The Secrets a service mounts, as JSON: {mounts: [{variable, secret, key}]}. Each key becomes a file, and NAME_FILE its
path. Left out are optional ones that nobody has given.
*/}}
{{- define "bulkhead.secretMounts" -}}
{{- $root := . -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $env := include "bulkhead.environment" . | fromJson -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $mounts := list -}}
{{- if $facts.database -}}
{{- $context := dict "root" . "service" .Chart.Name "values" .Values.AsMap -}}
{{- range $side := list "app" "broker" -}}
{{- $mounts = concat $mounts (include "bulkhead.login" (merge (dict "side" $side) $context) | fromJson).mounts -}}
{{- end -}}
{{- $mounts = concat $mounts (include "bulkhead.brokerCertificates" $context | fromJson).mounts -}}
{{- $mounts = concat $mounts (include "bulkhead.databaseCertificates" (merge (dict "client" "client") $context) | fromJson).mounts -}}
{{- end -}}
{{- range $variable, $fact := $facts.secrets -}}
{{- $given := get $root.Values.secrets $variable -}}
{{- $wanted := or (not $fact.with) (hasKey $env ($fact.with | default "")) -}}
{{- if $given.existingSecret -}}
{{- $mounts = append $mounts (dict "variable" $variable "secret" $given.existingSecret "key" $given.key) -}}
{{- else if and $fact.generated $wanted -}}
{{- $mounts = append $mounts (dict "variable" $variable "secret" (printf "%s-credentials" $fullname) "key" $given.key) -}}
{{- end -}}
{{- end -}}
{{- if .Values.faults -}}
{{- $mounts = append $mounts (dict "variable" "ADMIN_TOKEN" "secret" (printf "%s-credentials" $fullname) "key" "admin-token") -}}
{{- end -}}
{{- dict "mounts" $mounts | toJson -}}
{{- end -}}

{{/* A projected volume with a file for each secret variable. */}}
{{- define "bulkhead.secretSources" -}}
{{- range .mounts }}
- secret:
    name: {{ .secret }}
    items:
      - key: {{ .key }}
        path: {{ .variable }}
{{- end }}
{{- end -}}
