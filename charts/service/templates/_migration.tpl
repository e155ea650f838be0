{{/*
Migrations run before new code serves. On a first install the database comes up in the same release, so the Job is an
ordinary object and the pods wait for it in their startup probe; on an upgrade it is a hook: when it fails, the old
version keeps serving. Argo CD renders as for an install, and takes the Job as a Sync hook.
*/}}
{{- define "bulkhead.migration" -}}
{{- $isFirst := not (empty (include "bulkhead.isFirst" .)) -}}
{{- $v := .Values -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "migration" -}}
{{- $image := include "bulkhead.image" (dict "root" . "app" .Chart.Name "image" $v.image) -}}
{{- $context := dict "root" . "service" .Chart.Name "values" $v.AsMap -}}
{{- $login := include "bulkhead.login" (merge (dict "side" "owner") $context) | fromJson -}}
{{- $mounts := concat $login.mounts (include "bulkhead.databaseCertificates" (merge (dict "client" "ownerClient") $context) | fromJson).mounts -}}
apiVersion: batch/v1
kind: Job
metadata:
  # A hook has one name for all releases: one that failed stays, to be read, until the next release takes its place.
  name: {{ $fullname }}-migrate-{{ $isFirst | ternary (include "bulkhead.jobHash" (dict "root" . "image" $image)) "upgrade" }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
  annotations:
    argocd.argoproj.io/hook: Sync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
    {{- if not $isFirst }}
    helm.sh/hook: pre-upgrade,pre-rollback
    helm.sh/hook-weight: "0"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    {{- end }}
spec:
  backoffLimit: {{ $v.migrations.backoffLimit }}
  activeDeadlineSeconds: {{ $v.migrations.deadlineSeconds }}
  ttlSecondsAfterFinished: {{ $v.migrations.ttlSeconds }}
  template:
    metadata:
      labels:
        {{- include "bulkhead.jobPodLabels" $names | nindent 8 }}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- include "bulkhead.pullSecrets" . | nindent 6 }}
      {{- include "bulkhead.podSecurity" (dict "root" .) | nindent 6 }}
      {{- include "bulkhead.placement" $v | nindent 6 }}
      containers:
        - name: migrate
          image: {{ $image }}
          imagePullPolicy: {{ $v.global.image.pullPolicy }}
          args: [migrate]
          {{- include "bulkhead.containerSecurity" dict | nindent 10 }}
          env:
            - name: NODE_ENV
              value: {{ $v.global.mode }}
            {{- range $mounts }}
            - name: {{ .variable }}_FILE
              value: /var/run/bulkhead/secrets/{{ .variable }}
            {{- end }}
            {{- range $name, $value := merge $login.env (omit (include "bulkhead.tlsEnvironment" $context | fromJson) "RABBITMQ_TLS") }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            - name: MIGRATION_WAIT_MS
              value: {{ $isFirst | ternary "240000" "30000" | quote }}
          {{- include "bulkhead.smallResources" . | nindent 10 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: secrets, mountPath: /var/run/bulkhead/secrets, readOnly: true }
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
        - name: secrets
          projected:
            defaultMode: 0440
            sources:
              {{- include "bulkhead.secretSources" (dict "mounts" $mounts) | nindent 14 }}
{{- end -}}

{{/*
Whether Jobs that need a database are ordinary objects ("true"), since the servers come with the same release, or hooks
before it (""). Ordinary they are too where an earlier release failed before infra's servers were up: a hook would wait
for what only this release can bring. Without a cluster, as in `helm template`, nothing is looked up.
*/}}
{{- define "bulkhead.isFirst" -}}
{{- if .Release.IsInstall -}}
true
{{- else if not (or (dig "database" "existingSecret" "" .Values.AsMap) .Values.global.provision.enabled) -}}
{{- $namespace := .Release.Namespace -}}
{{- if lookup "v1" "ServiceAccount" $namespace "default" -}}
{{- range $server := list "postgresql" "rabbitmq" -}}
{{- $found := lookup "apps/v1" "StatefulSet" $namespace (printf "%s%s" (include "bulkhead.prefix" $) $server) -}}
{{- if not (dig "status" "readyReplicas" 0 $found) }}true{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A Job cannot be changed: with another image, or after a release that failed, it has another name. */}}
{{- define "bulkhead.jobHash" -}}
{{- printf "%s%s" .image (.root.Release.IsInstall | ternary "" (toString .root.Release.Revision)) | sha256sum | trunc 8 -}}
{{- end -}}
