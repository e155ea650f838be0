{{/*
A Job that runs before an install or upgrade and makes the Secrets that are missing: nothing secret is in values or in
rendered objects. It never changes what is there. Its account may make Secrets, and read and complete these by name.
Takes root, name (of the Job), secrets: {secret name: {key: template}}; see apps/chart-jobs.
*/}}
{{- define "bulkhead.credentials" -}}
{{- $root := .root -}}
{{- $names := dict "root" $root "name" .name "component" "credentials" -}}
{{- $job := printf "%s%s-credentials" (include "bulkhead.prefix" $root) .name -}}
{{- $hook := "helm.sh/hook: pre-install,pre-upgrade\n    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded" -}}
{{- $hookAnnotations := dict "helm.sh/hook" "pre-install,pre-upgrade" "helm.sh/hook-weight" "-30" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- $secretLabels := dict "app.kubernetes.io/name" .name "app.kubernetes.io/part-of" (include "bulkhead.shop" $root) "app.kubernetes.io/component" "credentials" -}}
{{- $wanted := list -}}
{{- range $secret, $data := .secrets }}{{ $wanted = append $wanted (dict "name" $secret "labels" $secretLabels "data" $data) }}{{ end -}}
{{- range $index, $kind := list "ServiceAccount" "Role" "RoleBinding" }}
apiVersion: {{ eq $kind "ServiceAccount" | ternary "v1" "rbac.authorization.k8s.io/v1" }}
kind: {{ $kind }}
metadata:
  name: {{ $job }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
  annotations:
    {{ $hook }}
    helm.sh/hook-weight: "-30"
{{- if eq $kind "ServiceAccount" }}
automountServiceAccountToken: false
{{- else if eq $kind "Role" }}
rules:
  - apiGroups: [""]
    resources: [secrets]
    verbs: [create]
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: {{ keys $.secrets | sortAlpha | toJson }}
    verbs: [get, patch]
{{- else }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $job }}
subjects:
  - kind: ServiceAccount
    name: {{ $job }}
    namespace: {{ $root.Release.Namespace }}
{{- end }}
---
{{- end }}
{{- if $root.Values.global.networkPolicy.enabled }}
{{ include "bulkhead.policyHead" (dict "fullname" $job "names" $names "annotations" $hookAnnotations) }}
  egress:
    {{- include "bulkhead.dnsEgress" $root | nindent 4 }}
    {{- include "bulkhead.apiServerEgress" $root | nindent 4 }}
---
{{- end }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $job }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
  annotations:
    {{ $hook }}
    helm.sh/hook-weight: "-20"
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 120
  ttlSecondsAfterFinished: 3600
  template:
    metadata:
      labels:
        {{- include "bulkhead.jobPodLabels" $names | nindent 8 }}
    spec:
      restartPolicy: Never
      serviceAccountName: {{ $job }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      {{- include "bulkhead.pullSecrets" $root | nindent 6 }}
      {{- include "bulkhead.podSecurity" (dict "root" $root) | nindent 6 }}
      containers:
        - name: credentials
          image: {{ include "bulkhead.jobsImage" $root }}
          imagePullPolicy: {{ $root.Values.global.image.pullPolicy }}
          args: [credentials]
          {{- include "bulkhead.containerSecurity" dict | nindent 10 }}
          env:
            - name: CREDENTIALS
              value: {{ toJson $wanted | quote }}
          {{- include "bulkhead.smallResources" $root | nindent 10 }}
{{- end -}}

{{/* The credentials of a service that are nobody else's to give, unless `existingSecret` names others. */}}
{{- define "bulkhead.serviceCredentials" -}}
{{- $root := . -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $data := dict -}}
{{- range $variable, $fact := $facts.secrets -}}
{{- $given := get $root.Values.secrets $variable -}}
{{- if and $fact.generated (not $given.existingSecret) }}{{ $_ := set $data $given.key "{random}" }}{{ end -}}
{{- end -}}
{{- /* Whoever sets faults shows it on the admin port. */ -}}
{{- if .Values.faults }}{{ $_ := set $data "admin-token" "{random}" }}{{ end -}}
{{- $secrets := dict -}}
{{- if $data }}{{ $_ := set $secrets (printf "%s-credentials" (include "bulkhead.fullname" .)) $data }}{{ end -}}
{{- if and .Chart.IsRoot $facts.database .Values.global.provision.enabled -}}
{{- with include "bulkhead.generatedLogins" (dict "root" . "services" (dict .Chart.Name .Values.AsMap)) -}}
{{- $secrets = merge $secrets (fromJson .) -}}
{{- end -}}
{{- end -}}
{{- if $secrets -}}
{{- include "bulkhead.credentials" (dict "root" . "name" .Chart.Name "secrets" $secrets) -}}
{{- end -}}
{{- end -}}
