{{/*
The Job that makes what a release needs on servers of one's own: databases, roles, broker users with exactly the
permissions of this release, and queues. A hook before every install, upgrade and rollback, ahead of preflight and the migrations, so
that a new event or a new service takes no work by hand. Takes root, and services: {name: its values}.
*/}}
{{- define "bulkhead.provision" -}}
{{- $root := .root -}}
{{- $global := .root.Values.global -}}
{{- $provision := $global.provision -}}
{{- if not $provision.database.existingSecret }}{{ fail "global.provision.enabled needs an administrator of PostgreSQL; set global.provision.database.existingSecret to a Secret with its URL or login." }}{{ end -}}
{{- if not $provision.broker.existingSecret }}{{ fail "global.provision.enabled needs an administrator of RabbitMQ; set global.provision.broker.existingSecret to a Secret with its login or the URL of the management API." }}{{ end -}}
{{- $name := eq $root.Chart.Name "bulkhead" | ternary "provision" (printf "%s-provision" $root.Chart.Name) -}}
{{- $names := dict "root" $root "name" $name "component" "provision" -}}
{{- $fullname := printf "%s%s" (include "bulkhead.prefix" $root) $name -}}
{{- $hook := "pre-install,pre-upgrade,pre-rollback" -}}
{{- $context := dict "root" $root "values" dict -}}
{{- $environment := merge (include "bulkhead.tlsEnvironment" $context | fromJson) (dict "NODE_ENV" $global.mode "WAIT_MS" "60000") -}}
{{- $database := $provision.database -}}
{{- $login := include "bulkhead.loginOf" (ternary (dict "variable" "POSTGRES_ADMIN" "secret" $database.existingSecret "keys" $database.keys "literals" (dict "HOST" $global.database.host "PORT" $global.database.port "USER" "postgres" "NAME" "postgres") "missing" "nothing says where PostgreSQL is; set global.database.host, or global.provision.database.keys.host.") (dict "variable" "POSTGRES_ADMIN" "secret" $database.existingSecret "url" $database.keys.url) (not (empty $database.keys.password))) | fromJson -}}
{{- $environment = merge $environment $login.env -}}
{{- $mounts := $login.mounts -}}
{{- $broker := $provision.broker -}}
{{- $port := $broker.port | default (eq (include "bulkhead.brokerTlsMode" $context) "verify-full" | ternary 15671 15672) -}}
{{- $host := $broker.host | default (splitList "," $global.broker.host | first) -}}
{{- $login = include "bulkhead.loginOf" (ternary (dict "variable" "RABBITMQ_MANAGEMENT" "secret" $broker.existingSecret "keys" $broker.keys "literals" (dict "HOST" $host "PORT" $port "USER" "admin") "missing" "nothing says where RabbitMQ is; set global.broker.host, or global.provision.broker.keys.host.") (dict "variable" "RABBITMQ_MANAGEMENT" "secret" $broker.existingSecret "url" $broker.keys.url) (not (empty $broker.keys.password))) | fromJson -}}
{{- $environment = merge $environment $login.env -}}
{{- $mounts = concat $mounts $login.mounts -}}
{{- $mounts = concat $mounts (include "bulkhead.databaseCertificates" (merge (dict "client" "client") $context) | fromJson).mounts -}}
{{- $mounts = concat $mounts (include "bulkhead.brokerCertificates" $context | fromJson).mounts }}
{{- /* The release of one service makes all its Secrets in one Job; see bulkhead.serviceCredentials. */ -}}
{{- if eq $root.Chart.Name "bulkhead" }}
{{- with include "bulkhead.generatedLogins" . }}
{{- if and $global.networkPolicy.enabled (eq $global.mode "production") (not $global.networkPolicy.apiServer.to) }}{{ fail "global.networkPolicy.apiServer.to is empty, so that the Job that makes Secrets could talk to everybody on its ports; set it to the addresses of `kubectl get endpointslices -n default kubernetes`, such as [{ipBlock: {cidr: 10.0.0.1/32}}]." }}{{ end }}
{{ include "bulkhead.credentials" (dict "root" $root "name" $name "secrets" (fromJson .)) }}
---
{{- end }}
{{- end }}
{{- if $global.networkPolicy.enabled }}
{{ include "bulkhead.policyHead" (dict "fullname" $fullname "names" $names "annotations" (dict "helm.sh/hook" $hook "helm.sh/hook-weight" "-18" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded")) }}
  egress:
    {{- include "bulkhead.dnsEgress" $root | nindent 4 }}
    {{- include "bulkhead.egress" (dict "root" $root "rule" $global.networkPolicy.database "own" true) | nindent 4 }}
    {{- include "bulkhead.egress" (dict "root" $root "rule" (dict "to" $global.networkPolicy.broker.to "ports" $global.networkPolicy.broker.managementPorts) "own" true) | nindent 4 }}
---
{{- end }}
{{ include "bulkhead.provisionJob" (dict "root" $root "names" $names "fullname" $fullname "services" .services "access" $provision.access "environment" $environment "mounts" $mounts "annotations" (dict "helm.sh/hook" $hook "helm.sh/hook-weight" "-15" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded")) }}
{{- end -}}

{{/* Passwords of services that have no Secret of yours, as templates for the credentials Job; empty where all have one. */}}
{{- define "bulkhead.generatedLogins" -}}
{{- $prefix := include "bulkhead.prefix" .root -}}
{{- $secrets := dict -}}
{{- range $service, $values := .services -}}
{{- $passwords := dict -}}
{{- if not $values.database.existingSecret }}{{ $_ := set $passwords "app-password" "{random}" }}{{ end -}}
{{- if not (or $values.database.existingSecret $values.database.ownerSecret) }}{{ $_ := set $passwords "owner-password" "{random}" }}{{ end -}}
{{- if $passwords }}{{ $_ := set $secrets (printf "%s%s-database" $prefix $service) $passwords }}{{ end -}}
{{- if not $values.broker.existingSecret }}{{ $_ := set $secrets (printf "%s%s-broker" $prefix $service) (dict "password" "{random}") }}{{ end -}}
{{- end -}}
{{- if $secrets }}{{ toJson $secrets }}{{ end -}}
{{- end -}}

{{/*
The Job itself, for these servers or for infra's. The logins of the services come from the Secrets that they use
themselves. Takes root, names, fullname, annotations, services: {name: its values}, access, environment and mounts.
*/}}
{{- define "bulkhead.provisionJob" -}}
{{- $root := .root -}}
{{- $extensions := dict -}}
{{- $literals := dict -}}
{{- $sources := list -}}
{{- range $name, $facts := include "bulkhead.topology" .root | fromJson -}}
{{- if hasKey $.services $name -}}
{{- if $facts.extensions }}{{ $_ := set $extensions $name $facts.extensions }}{{ end -}}
{{- $own := dict -}}
{{- range $side := list "owner" "app" "broker" -}}
{{- $login := include "bulkhead.login" (dict "root" $root "service" $name "values" (get $.services $name) "side" $side) | fromJson -}}
{{- $own = merge $own $login.env -}}
{{- range $login.mounts }}{{ $sources = append $sources (merge (dict "service" $name) .) }}{{ end -}}
{{- end -}}
{{- $_ := set $literals $name $own -}}
{{- end -}}
{{- end -}}
{{- $environment := merge (dict "CREDENTIALS_DIR" "/var/run/bulkhead/services" "CREDENTIALS" (toJson $literals) "SERVICES" (keys .services | sortAlpha | join ",") "EXTENSIONS" (toJson $extensions) "BROKER_ACCESS" .access) .environment -}}
{{- range .mounts -}}
{{- if eq .variable "RABBITMQ_CA" }}{{ $_ := set $environment "NODE_EXTRA_CA_CERTS" "/var/run/bulkhead/secrets/RABBITMQ_CA" }}{{ else }}{{ $_ := set $environment (printf "%s_FILE" .variable) (printf "/var/run/bulkhead/secrets/%s" .variable) }}{{ end -}}
{{- end -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .fullname }}
  labels:
    {{- include "bulkhead.labels" .names | nindent 4 }}
  annotations:
    {{- toYaml .annotations | nindent 4 }}
spec:
  backoffLimit: 5
  activeDeadlineSeconds: 600
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels:
        {{- include "bulkhead.jobPodLabels" .names | nindent 8 }}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- include "bulkhead.pullSecrets" $root | nindent 6 }}
      {{- include "bulkhead.podSecurity" (dict "root" $root) | nindent 6 }}
      {{- include "bulkhead.placement" $root.Values | nindent 6 }}
      containers:
        - name: provision
          image: {{ include "bulkhead.jobsImage" $root }}
          imagePullPolicy: {{ $root.Values.global.image.pullPolicy }}
          args: [provision]
          {{- include "bulkhead.containerSecurity" dict | nindent 10 }}
          env:
            {{- range $name, $value := $environment }}
            - { name: {{ $name }}, value: {{ $value | quote }} }
            {{- end }}
          {{- include "bulkhead.smallResources" $root | nindent 10 }}
          volumeMounts:
            - { name: secrets, mountPath: /var/run/bulkhead/secrets, readOnly: true }
            - { name: services, mountPath: /var/run/bulkhead/services, readOnly: true }
      volumes:
        - name: secrets
          projected:
            defaultMode: 0440
            sources:
              {{- include "bulkhead.secretSources" (dict "mounts" .mounts) | nindent 14 }}
        - name: services
          projected:
            defaultMode: 0440
            sources:
              {{- range $sources }}
              - secret:
                  name: {{ .secret }}
                  items:
                    - { key: {{ .key }}, path: {{ .service }}/{{ .variable }} }
              {{- end }}
{{- end -}}
