{{/* The Secrets of the servers and of every service with a database, as templates for the credentials Job. */}}
{{- define "infra.credentials" -}}
{{- $prefix := include "bulkhead.prefix" . -}}
{{- $secrets := dict (printf "%sinfra" $prefix) (dict
  "postgresql-password" "{random}"
  "rabbitmq-password" "{random}"
  "postgresql-url" (printf "postgres://postgres:{postgresql-password}@%spostgresql:5432/postgres" $prefix)
  "rabbitmq-url" (printf "amqp://admin:{rabbitmq-password}@%srabbitmq:5672" $prefix)
  "management-url" (printf "http://admin:{rabbitmq-password}@%srabbitmq:15672" $prefix)
) -}}
{{- range $service := include "infra.services" . | fromJsonArray -}}
{{- $_ := set $secrets (printf "%s%s-database" $prefix $service) (dict
  "owner-password" "{random}"
  "app-password" "{random}"
  "owner-url" (printf "postgres://%s_owner:{owner-password}@%spostgresql:5432/bulkhead_%s" $service $prefix $service)
  "app-url" (printf "postgres://%s_app:{app-password}@%spostgresql:5432/bulkhead_%s" $service $prefix $service)
) -}}
{{- $_ := set $secrets (printf "%s%s-broker" $prefix $service) (dict
  "password" "{random}"
  "broker-url" (printf "amqp://%s:{password}@%srabbitmq:5672" $service $prefix)
) -}}
{{- end -}}
{{- toJson $secrets -}}
{{- end -}}

{{/* Services with a database, by name. */}}
{{- define "infra.services" -}}
{{- $services := list -}}
{{- range $name, $facts := include "bulkhead.topology" . | fromJson -}}
{{- if $facts.database }}{{ $services = append $services $name }}{{ end -}}
{{- end -}}
{{- $services | sortAlpha | toJson -}}
{{- end -}}
