{{/*
Preflight looks at everything that the service needs, with the very configuration that it gets, and changes nothing. Before
an install or upgrade it is the last hook before the migrations, where the servers are there already; as a test of Helm's
it also asks the service's peers.
*/}}
{{- define "bulkhead.preflight" -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "preflight" -}}
{{- $isBefore := not (empty (include "bulkhead.preflightBefore" .)) -}}
{{- $events := compact (list ($isBefore | ternary "pre-install,pre-upgrade" "") (.Values.preflight.test | ternary "test" "")) -}}
{{- if and $events .Values.global.networkPolicy.enabled }}
{{ include "bulkhead.policyHead" (dict "fullname" (printf "%s-preflight" $fullname) "names" $names "annotations" (include "bulkhead.preflightHook" (dict "events" $events "weight" "-30") | fromYaml)) }}
  egress:
    {{- include "bulkhead.serviceEgress" . | nindent 4 }}
{{- end }}
{{- if $isBefore }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $fullname }}-preflight
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
  annotations:
    {{- include "bulkhead.preflightHook" (dict "events" (list "pre-install,pre-upgrade") "weight" "-30") | nindent 4 }}
    {{- with .Values.serviceAccount.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
automountServiceAccountToken: false
---
apiVersion: batch/v1
kind: Job
metadata:
  # One name for all releases: one that failed stays, to be read, until the next release takes its place.
  name: {{ $fullname }}-preflight
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
  annotations:
    {{- include "bulkhead.preflightHook" (dict "events" (list "pre-install,pre-upgrade") "weight" "-10") | nindent 4 }}
spec:
  # Policies and addresses of a new pod may take a moment to be known everywhere.
  backoffLimit: 2
  activeDeadlineSeconds: {{ .Values.preflight.deadlineSeconds }}
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels:
        {{- include "bulkhead.jobPodLabels" $names | nindent 8 }}
    spec:
      {{- include "bulkhead.preflightPod" (dict "root" . "account" (printf "%s-preflight" $fullname) "isBefore" true) | nindent 6 }}
{{- end }}
{{- if .Values.preflight.test }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ $fullname }}-preflight-test
  labels:
    {{- include "bulkhead.jobPodLabels" $names | nindent 4 }}
  annotations:
    {{- include "bulkhead.preflightHook" (dict "events" (list "test") "weight" "0") | nindent 4 }}
spec:
  {{- include "bulkhead.preflightPod" (dict "root" . "account" $fullname "isBefore" false) | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
Whether there is a Job before each release: as values say, else in production. Never where the database comes with the
release and is not there yet.
*/}}
{{- define "bulkhead.preflightBefore" -}}
{{- $enabled := kindIs "invalid" .Values.preflight.enabled | ternary (eq .Values.global.mode "production") .Values.preflight.enabled -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $comesLater := and $facts.database (not (or (dig "database" "existingSecret" "" .Values.AsMap) .Values.global.provision.enabled)) (include "bulkhead.isFirst" .) -}}
{{- if and $enabled (not $comesLater) }}true{{ end -}}
{{- end -}}

{{/* Takes events and weight. */}}
{{- define "bulkhead.preflightHook" -}}
helm.sh/hook: {{ join "," .events }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* The spec of a pod that has what a pod of the service has, but no ConfigMap, which comes with the release. Takes root, account and isBefore. */}}
{{- define "bulkhead.preflightPod" -}}
{{- $root := .root -}}
{{- $v := .root.Values -}}
{{- $owner := dict -}}
{{- if .isBefore -}}
{{- with include "bulkhead.ownerLogin" $root }}{{ $owner = fromJson . }}{{ end -}}
{{- end -}}
restartPolicy: Never
serviceAccountName: {{ .account }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- include "bulkhead.pullSecrets" $root }}
{{ include "bulkhead.podSecurity" (dict "root" $root) }}
{{- include "bulkhead.placement" $v }}
containers:
  - name: preflight
    image: {{ include "bulkhead.image" (dict "root" $root "app" $root.Chart.Name "image" $v.image) }}
    imagePullPolicy: {{ $v.global.image.pullPolicy }}
    args: [preflight, {{ if .isBefore }}--before-migrations, {{ end }}--pods, {{ include "bulkhead.mostPods" $root | quote }}]
    {{- include "bulkhead.containerSecurity" dict | nindent 4 }}
    env:
      {{- range $name, $value := include "bulkhead.environment" $root | fromJson }}
      - { name: {{ $name }}, value: {{ $value | quote }} }
      {{- end }}
      {{- include "bulkhead.secretFiles" $root | nindent 6 }}
      {{- range $name, $value := $owner.env }}
      - { name: {{ $name }}, value: {{ $value | quote }} }
      {{- end }}
      {{- range $owner.mounts }}
      - name: {{ .variable }}_FILE
        value: /var/run/bulkhead/secrets/{{ .variable }}
      {{- end }}
    {{- include "bulkhead.smallResources" $root | nindent 4 }}
    volumeMounts:
      - { name: tmp, mountPath: /tmp }
      {{- include "bulkhead.serviceMounts" $root | nindent 6 }}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- include "bulkhead.serviceVolumes" $root | nindent 2 }}
        {{- if $owner }}
        {{- include "bulkhead.secretSources" (dict "mounts" $owner.mounts) | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* How many pods of the service there may be at once, but for the one more of a rollout. */}}
{{- define "bulkhead.mostPods" -}}
{{- if ne .Values.autoscaling.type "none" -}}
{{- .Values.autoscaling.max -}}
{{- else -}}
{{- max 1 (int (kindIs "invalid" .Values.replicas | ternary 1 .Values.replicas)) -}}
{{- end -}}
{{- end -}}
