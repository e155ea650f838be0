{{/*
How a service signs in at its servers, as JSON: {env: {variable: value}, mounts: [{variable, secret, key}]}. A Secret holds a
URL, or each part by itself; what it does not hold, values say, and the program puts it together. Takes root, service,
values (of that service) and side: app, owner or broker.
*/}}
{{- define "bulkhead.login" -}}
{{- $global := .root.Values.global -}}
{{- $base := printf "%s%s" (include "bulkhead.prefix" .root) .service -}}
{{- if eq .side "broker" -}}
{{- $broker := .values.broker -}}
{{- $generated := and $global.provision.enabled (not $broker.existingSecret) -}}
{{- $secret := $broker.existingSecret | default (printf "%s-broker" $base) -}}
{{- if not (or $generated $broker.keys.password) -}}
{{- include "bulkhead.loginOf" (dict "variable" "RABBITMQ" "secret" $secret "url" $broker.key) -}}
{{- else -}}
{{- $tls := include "bulkhead.brokerTlsMode" . -}}
{{- $port := $global.broker.port | default (eq $tls "verify-full" | ternary 5671 5672) -}}
{{- $keys := $generated | ternary (dict "password" "password") $broker.keys -}}
{{- $literals := dict "HOST" $global.broker.host "PORT" $port "USER" .service "VHOST" $global.broker.vhost -}}
{{- include "bulkhead.loginOf" (dict "variable" "RABBITMQ" "secret" $secret "keys" $keys "literals" $literals "missing" (printf "%s: nothing says where RabbitMQ is; set global.broker.host, or %s.broker.keys.host to the key of the Secret that does." .service .service)) -}}
{{- end -}}
{{- else -}}
{{- $database := .values.database -}}
{{- $variable := eq .side "owner" | ternary "MIGRATION_DATABASE" "DATABASE" -}}
{{- $own := eq .side "owner" | ternary ($database.ownerSecret | default $database.existingSecret) $database.existingSecret -}}
{{- $generated := and $global.provision.enabled (not $own) -}}
{{- $secret := $own | default (printf "%s-database" $base) -}}
{{- if not (or $generated $database.keys.password) -}}
{{- include "bulkhead.loginOf" (dict "variable" $variable "secret" $secret "url" (get $database.keys .side)) -}}
{{- else -}}
{{- $keys := $generated | ternary (dict "password" (printf "%s-password" .side)) $database.keys -}}
{{- $literals := dict "HOST" ($database.host | default $global.database.host) "PORT" ($database.port | default $global.database.port) "USER" (printf "%s_%s" .service .side) "NAME" $database.name -}}
{{- include "bulkhead.loginOf" (dict "variable" $variable "secret" $secret "keys" $keys "literals" $literals "missing" (printf "%s: nothing says where PostgreSQL is; set global.database.host, or %s.database.keys.host to the key of the Secret that does." .service .service)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes variable, secret, and url (its key) or keys, literals and missing, the sentence where no host is known. */}}
{{- define "bulkhead.loginOf" -}}
{{- $env := dict -}}
{{- $mounts := list -}}
{{- $variable := .variable -}}
{{- $secret := .secret -}}
{{- if .url -}}
{{- $mounts = append $mounts (dict "variable" (printf "%s_URL" $variable) "secret" $secret "key" .url) -}}
{{- else -}}
{{- $keys := .keys -}}
{{- $mounts = append $mounts (dict "variable" (printf "%s_PASSWORD" $variable) "secret" $secret "key" $keys.password) -}}
{{- range $part, $value := .literals -}}
{{- $key := get $keys (lower $part) -}}
{{- if $key -}}
{{- $mounts = append $mounts (dict "variable" (printf "%s_%s" $variable $part) "secret" $secret "key" $key) -}}
{{- else if and (eq $part "HOST") (not $value) -}}
{{- fail $.missing -}}
{{- else -}}
{{- $_ := set $env (printf "%s_%s" $variable $part) (toString $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "env" $env "mounts" $mounts | toJson -}}
{{- end -}}

{{/*
TLS to the database: a service's own word, else that for all, else verify-full in production, else nothing, so that the
URL decides. Takes root and values (of the service, which may be empty).
*/}}
{{- define "bulkhead.databaseTlsMode" -}}
{{- dig "database" "tls" "mode" "" .values | default .root.Values.global.database.tls.mode | default (eq .root.Values.global.mode "production" | ternary "verify-full" "") -}}
{{- end -}}

{{- define "bulkhead.brokerTlsMode" -}}
{{- dig "broker" "tls" "mode" "" .values | default .root.Values.global.broker.tls.mode | default (eq .root.Values.global.mode "production" | ternary "verify-full" "") -}}
{{- end -}}

{{/* What the program has to know of TLS to both, as a JSON object of variables. Takes root and values. */}}
{{- define "bulkhead.tlsEnvironment" -}}
{{- $env := dict -}}
{{- with include "bulkhead.databaseTlsMode" . }}{{ $_ := set $env "DATABASE_TLS" . }}{{ end -}}
{{- with include "bulkhead.brokerTlsMode" . }}{{ $_ := set $env "RABBITMQ_TLS" . }}{{ end -}}
{{- if .root.Values.global.allowPlaintext }}{{ $_ := set $env "ALLOW_PLAINTEXT" "on" }}{{ end -}}
{{- toJson $env -}}
{{- end -}}

{{/* Authorities and client certificates, as JSON: {mounts}. Takes root, values, and client: the key under database.tls. */}}
{{- define "bulkhead.databaseCertificates" -}}
{{- $mounts := list -}}
{{- $ca := dig "database" "tls" "ca" dict .values -}}
{{- if not (get $ca "existingSecret") }}{{ $ca = .root.Values.global.database.tls.ca }}{{ end -}}
{{- with $ca.existingSecret }}{{ $mounts = append $mounts (dict "variable" "DATABASE_CA" "secret" . "key" $ca.key) }}{{ end -}}
{{- $client := dig "database" "tls" .client dict .values -}}
{{- with get $client "existingSecret" -}}
{{- $mounts = append $mounts (dict "variable" "DATABASE_CERT" "secret" . "key" $client.cert) -}}
{{- $mounts = append $mounts (dict "variable" "DATABASE_KEY" "secret" . "key" $client.key) -}}
{{- end -}}
{{- dict "mounts" $mounts | toJson -}}
{{- end -}}

{{- define "bulkhead.brokerCertificates" -}}
{{- $mounts := list -}}
{{- $ca := dig "broker" "ca" dict .values -}}
{{- if not (get $ca "existingSecret") }}{{ $ca = .root.Values.global.broker.tls.ca }}{{ end -}}
{{- with $ca.existingSecret }}{{ $mounts = append $mounts (dict "variable" "RABBITMQ_CA" "secret" . "key" $ca.key) }}{{ end -}}
{{- $client := dig "broker" "tls" "client" dict .values -}}
{{- with get $client "existingSecret" -}}
{{- $mounts = append $mounts (dict "variable" "RABBITMQ_CERT" "secret" . "key" $client.cert) -}}
{{- $mounts = append $mounts (dict "variable" "RABBITMQ_KEY" "secret" . "key" $client.key) -}}
{{- end -}}
{{- dict "mounts" $mounts | toJson -}}
{{- end -}}

{{/* Plaintext to servers of one's own is refused in production, unless it is said that something else encrypts. */}}
{{- define "bulkhead.tlsChecks" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $context := dict "root" . "values" .Values.AsMap -}}
{{- if and $facts.database (eq .Values.global.mode "production") (not .Values.global.allowPlaintext) -}}
{{- range $server, $mode := dict "database" (include "bulkhead.databaseTlsMode" $context) "broker" (include "bulkhead.brokerTlsMode" $context) -}}
{{- if eq $mode "disable" -}}
{{- fail (printf "%s: %s.tls.mode is disable, so that passwords and data would cross the network as plain text, which is refused where global.mode is production; set it to verify-full, or global.allowPlaintext to true where something else, such as a mesh, encrypts the way." $.Chart.Name $server) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
