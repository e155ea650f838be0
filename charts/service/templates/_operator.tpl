{{/*
CronJobs for whoever operates the shop: backups by schedule, and what is run by hand from the release's own Secrets. Both
work for several services at once, whose logins they have mounted as the services have them.
*/}}

{{/*
The logins of services, as JSON: {literals: {service: {variable: value}}, sources: [{service, variable, secret, key}]}.
Takes root, services: {name: its values}, side: app or owner, and client, the key of that side's certificate.
*/}}
{{- define "bulkhead.loginsOfServices" -}}
{{- $literals := dict -}}
{{- $sources := list -}}
{{- range $name, $values := .services -}}
{{- $context := dict "root" $.root "service" $name "values" $values -}}
{{- $login := include "bulkhead.login" (merge (dict "side" $.side) $context) | fromJson -}}
{{- $certificates := include "bulkhead.databaseCertificates" (merge (dict "client" $.client) $context) | fromJson -}}
{{- $_ := set $literals $name (merge $login.env (include "bulkhead.tlsEnvironment" $context | fromJson)) -}}
{{- range concat $login.mounts $certificates.mounts }}{{ $sources = append $sources (merge (dict "service" $name) .) }}{{ end -}}
{{- end -}}
{{- dict "literals" $literals "sources" $sources | toJson -}}
{{- end -}}

{{/* A container of the charts' own image that works for those services. Takes root, name, args, logins, services and more (environment). */}}
{{- define "bulkhead.operatorContainer" -}}
name: {{ .name }}
image: {{ include "bulkhead.jobsImage" .root }}
imagePullPolicy: {{ .root.Values.global.image.pullPolicy }}
args: {{ toJson .args }}
{{- include "bulkhead.containerSecurity" dict | nindent 0 }}
env:
  - { name: NODE_ENV, value: {{ .root.Values.global.mode }} }
  - { name: SERVICES, value: {{ keys .services | sortAlpha | join "," | quote }} }
  - { name: CREDENTIALS_DIR, value: /var/run/bulkhead/services }
  - { name: CREDENTIALS, value: {{ toJson .logins.literals | quote }} }
  {{- range $name, $value := .more }}
  - { name: {{ $name }}, value: {{ $value | quote }} }
  {{- end }}
{{- include "bulkhead.smallResources" .root | nindent 0 }}
volumeMounts:
  - { name: services, mountPath: /var/run/bulkhead/services, readOnly: true }
{{- end -}}

{{/* To the databases of these services: of infra, unless they are anybody else's. Takes root and services. */}}
{{- define "bulkhead.databasesEgress" -}}
{{- $own := or .root.Values.global.provision.enabled (not (dig "infra" "enabled" true .root.Values.AsMap)) -}}
{{- range .services }}{{ if .database.existingSecret }}{{ $own = true }}{{ end }}{{ end -}}
{{- include "bulkhead.egress" (dict "root" .root "name" "postgresql" "rule" .root.Values.global.networkPolicy.database "own" $own) -}}
{{- end -}}

{{- define "bulkhead.servicesVolume" -}}
- name: services
  projected:
    defaultMode: 0440
    sources:
      {{- range .sources }}
      - secret:
          name: {{ .secret }}
          items:
            - { key: {{ .key }}, path: {{ .service }}/{{ .variable }} }
      {{- end }}
{{- end -}}

{{/* The pod of a CronJob, up to its containers. Takes root and names. */}}
{{- define "bulkhead.operatorPod" -}}
metadata:
  labels:
    {{- include "bulkhead.jobPodLabels" .names | nindent 4 }}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .serviceAccountName }}
  serviceAccountName: {{ . }}
  {{- end }}
  {{- include "bulkhead.pullSecrets" .root | nindent 2 }}
  {{- include "bulkhead.podSecurity" (dict "root" .root) | nindent 2 }}
  {{- include "bulkhead.placement" .root.Values | nindent 2 }}
{{- end -}}

{{/*
Dumps of all databases: by the charts' image the logins, by PostgreSQL's the dumps, and where values name one, by an image
of yours what takes them elsewhere. Takes root, and services: {name: its values}.
*/}}
{{- define "bulkhead.backup" -}}
{{- $root := .root -}}
{{- $services := .services -}}
{{- $v := $root.Values.global.backup -}}
{{- $upload := not (empty $v.upload.command) -}}
{{- if and (not $v.existingClaim) (not $upload) }}{{ fail "global.backup.enabled would leave the dumps nowhere; set global.backup.existingClaim to a PersistentVolumeClaim, or global.backup.upload to a command that takes them elsewhere." }}{{ end -}}
{{- if and $upload (not $v.upload.image) }}{{ fail "global.backup.upload.command needs global.backup.upload.image, an image that has it." }}{{ end -}}
{{- $name := eq $root.Chart.Name "bulkhead" | ternary "backup" (printf "%s-dump" $root.Chart.Name) -}}
{{- $names := dict "root" $root "name" $name "component" "backup" -}}
{{- $fullname := printf "%s%s" (include "bulkhead.prefix" $root) $name -}}
{{- $logins := include "bulkhead.loginsOfServices" (dict "root" $root "services" $services "side" "owner" "client" "ownerClient") | fromJson -}}
{{- $prepare := include "bulkhead.operatorContainer" (dict "root" $root "name" "logins" "args" (list "prepare-backup") "logins" $logins "services" $services "more" (dict "PREPARED_DIR" "/var/run/bulkhead/prepared")) | fromYaml -}}
{{- $_ := set $prepare "volumeMounts" (append $prepare.volumeMounts (dict "name" "prepared" "mountPath" "/var/run/bulkhead/prepared")) -}}
{{- if $root.Values.global.networkPolicy.enabled }}
{{ include "bulkhead.policyHead" (dict "fullname" $fullname "names" $names) }}
  egress:
    {{- include "bulkhead.dnsEgress" $root | nindent 4 }}
    {{- include "bulkhead.databasesEgress" (dict "root" $root "services" $services) | nindent 4 }}
    {{- with $v.extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
---
{{- end }}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  schedule: {{ $v.schedule | quote }}
  {{- with $v.timeZone }}
  timeZone: {{ . }}
  {{- end }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: {{ $v.deadlineSeconds }}
      template:
        {{- include "bulkhead.operatorPod" (dict "root" $root "names" $names "serviceAccountName" $v.serviceAccountName) | nindent 8 }}
          initContainers:
            - {{- toYaml $prepare | nindent 14 }}
            {{- if $upload }}
            - {{- include "bulkhead.dumpContainer" (dict "root" $root "services" $services) | nindent 14 }}
            {{- end }}
          containers:
            {{- if $upload }}
            - name: upload
              image: {{ $v.upload.image }}
              imagePullPolicy: {{ $root.Values.global.image.pullPolicy }}
              command: {{ toJson $v.upload.command }}
              {{- include "bulkhead.containerSecurity" dict | nindent 14 }}
              env:
                - { name: HOME, value: /tmp }
                {{- with $v.upload.env }}
                {{- toYaml . | nindent 16 }}
                {{- end }}
              {{- with $v.upload.envFrom }}
              envFrom:
                {{- toYaml . | nindent 16 }}
              {{- end }}
              resources:
                {{- toYaml $v.resources | nindent 16 }}
              volumeMounts:
                - { name: backup, mountPath: /backup }
                - { name: tmp, mountPath: /tmp }
            {{- else }}
            - {{- include "bulkhead.dumpContainer" (dict "root" $root "services" $services) | nindent 14 }}
            {{- end }}
          volumes:
            {{- include "bulkhead.servicesVolume" $logins | nindent 12 }}
            - name: prepared
              emptyDir: { medium: Memory, sizeLimit: 4Mi }
            - name: tmp
              emptyDir: {}
            - name: backup
              {{- if $v.existingClaim }}
              persistentVolumeClaim: { claimName: {{ $v.existingClaim }} }
              {{- else }}
              emptyDir: {}
              {{- end }}
{{- end -}}

{{- define "bulkhead.dumpContainer" -}}
{{- $v := .root.Values.global.backup -}}
name: dump
image: {{ $v.image }}
imagePullPolicy: {{ .root.Values.global.image.pullPolicy }}
command: [sh, /var/run/bulkhead/prepared/backup.sh]
{{- include "bulkhead.containerSecurity" dict | nindent 0 }}
env:
  - { name: SERVICES, value: {{ keys .services | sortAlpha | join " " | quote }} }
  - { name: BACKUP_DIR, value: /backup }
  - { name: KEEP_DAYS, value: {{ $v.keepDays | quote }} }
  - { name: PGSERVICEFILE, value: /var/run/bulkhead/prepared/pg_service.conf }
  - { name: PGPASSFILE, value: /var/run/bulkhead/prepared/pgpass }
  - { name: PGAPPNAME, value: backup }
resources:
  {{- toYaml $v.resources | nindent 2 }}
volumeMounts:
  - { name: prepared, mountPath: /var/run/bulkhead/prepared, readOnly: true }
  - { name: services, mountPath: /var/run/bulkhead/services, readOnly: true }
  - { name: backup, mountPath: /backup }
  - { name: tmp, mountPath: /tmp }
{{- end -}}

{{/*
What compares the services after a restore, to be started by hand: `kubectl create job NAME --from=cronjob/…-reconcile`. It
is suspended, so that no schedule ever starts it. Takes root, and services: {name: its values}.
*/}}
{{- define "bulkhead.reconcile" -}}
{{- $root := .root -}}
{{- $services := .services -}}
{{- $names := dict "root" $root "name" "reconcile" "component" "reconcile" -}}
{{- $fullname := printf "%sreconcile" (include "bulkhead.prefix" $root) -}}
{{- $logins := include "bulkhead.loginsOfServices" (dict "root" $root "services" .services "side" "app" "client" "client") | fromJson -}}
{{- if $root.Values.global.networkPolicy.enabled }}
{{ include "bulkhead.policyHead" (dict "fullname" $fullname "names" $names) }}
  egress:
    {{- include "bulkhead.dnsEgress" $root | nindent 4 }}
    {{- include "bulkhead.databasesEgress" (dict "root" $root "services" $services) | nindent 4 }}
---
{{- end }}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  # Never: it is suspended, and only a template for Jobs.
  schedule: "0 0 1 1 *"
  suspend: true
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: 3600
      ttlSecondsAfterFinished: 86400
      template:
        {{- include "bulkhead.operatorPod" (dict "root" $root "names" $names) | nindent 8 }}
          containers:
            - {{- include "bulkhead.operatorContainer" (dict "root" $root "name" "reconcile" "args" (list "reconcile") "logins" $logins "services" .services) | nindent 14 }}
          volumes:
            {{- include "bulkhead.servicesVolume" $logins | nindent 12 }}
{{- end -}}
