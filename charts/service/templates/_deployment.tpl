{{- define "bulkhead.deployment" -}}
{{- $v := .Values -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "service" -}}
{{- $secrets := (include "bulkhead.secretMounts" . | fromJson).mounts -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  {{- with include "bulkhead.replicas" . }}
  replicas: {{ . }}
  {{- end }}
  revisionHistoryLimit: 3
  progressDeadlineSeconds: 300
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- include "bulkhead.selector" $names | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "bulkhead.labels" $names | nindent 8 }}
        {{- with $v.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        checksum/config: {{ include "bulkhead.environment" . | sha256sum }}
        {{- with $v.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $fullname }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- include "bulkhead.pullSecrets" . | nindent 6 }}
      {{- include "bulkhead.podSecurity" (dict "root" .) | nindent 6 }}
      terminationGracePeriodSeconds: {{ add $v.shutdown.sleepSeconds $v.shutdown.graceSeconds 10 }}
      {{- include "bulkhead.placement" $v | nindent 6 }}
      {{- if $v.spread.enabled }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ $key }}
          whenUnsatisfiable: {{ $v.spread.whenUnsatisfiable }}
          matchLabelKeys: [pod-template-hash]
          labelSelector:
            matchLabels:
              {{- include "bulkhead.selector" $names | nindent 14 }}
        {{- end }}
      {{- end }}
      {{- include "bulkhead.watchedBundle" . | nindent 6 }}
      containers:
        - name: {{ .Chart.Name }}
          image: {{ include "bulkhead.image" (dict "root" . "app" .Chart.Name "image" $v.image) }}
          imagePullPolicy: {{ $v.global.image.pullPolicy }}
          {{- if $v.development.watch }}
          {{- include "bulkhead.reload" . | nindent 10 }}
          {{- end }}
          {{- include "bulkhead.containerSecurity" dict | nindent 10 }}
          ports:
            - name: http
              containerPort: 8080
            - name: admin
              containerPort: 9090
          envFrom:
            - configMapRef:
                name: {{ $fullname }}
          {{- if $secrets }}
          env:
            {{- include "bulkhead.secretFiles" . | nindent 12 }}
          {{- end }}
          startupProbe:
            httpGet: { path: /startupz, port: admin }
            periodSeconds: 1
            timeoutSeconds: 2
            failureThreshold: 180
          {{- /* Patient: where the processor is short, as while pods start on a small node, a slow pod is better than none. */}}
          readinessProbe:
            httpGet: { path: /readyz, port: admin }
            periodSeconds: 2
            timeoutSeconds: 4
            failureThreshold: 5
          livenessProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          lifecycle:
            preStop:
              sleep:
                seconds: {{ $v.shutdown.sleepSeconds }}
          resources:
            {{- toYaml $v.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            {{- if $v.development.watch }}
            - { name: app, mountPath: /app }
            {{- end }}
            {{- if not $facts.site }}
            {{- include "bulkhead.serviceMounts" . | nindent 12 }}
            {{- end }}
      volumes:
        {{- if $v.development.watch }}
        - name: app
          emptyDir: {}
        {{- end }}
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
        {{- if not $facts.site }}
        {{- include "bulkhead.serviceVolumes" . | nindent 8 }}
        {{- end }}
{{- end -}}

{{/*
How many pods, or nothing where that is an autoscaler's to say. As long as Helm itself still holds the number, as after
a change from `replicas` to autoscaling, leaving it out would set it to 1 until the autoscaler looks: then it stays what
it is, and at least the minimum. Helm 3 takes out what it once wrote, whoever changed it since.
*/}}
{{- define "bulkhead.replicas" -}}
{{- $v := .Values -}}
{{- if eq $v.autoscaling.type "none" -}}
{{- kindIs "invalid" $v.replicas | ternary 1 $v.replicas -}}
{{- else if .Release.IsUpgrade -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "bulkhead.fullname" .) -}}
{{- $held := and $live (semverCompare "<4.0.0-0" .Capabilities.HelmVersion.Version) -}}
{{- range dig "metadata" "managedFields" list $live -}}
{{- if and (eq .manager "helm") (hasKey (dig "fieldsV1" "f:spec" dict .) "f:replicas") }}{{ $held = true }}{{ end -}}
{{- end -}}
{{- if $held }}{{ max (int (dig "spec" "replicas" 1 $live)) (int $v.autoscaling.min) }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* What the pods of a service have beside /tmp: their tokens, the keys of their callers' and their secrets, which come last. */}}
{{- define "bulkhead.serviceVolumes" -}}
{{- $v := .Values -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $secrets := (include "bulkhead.secretMounts" . | fromJson).mounts -}}
{{- $issuer := has (include "bulkhead.issuerKeys" .) (list "file" "api-server") -}}
# A token for each peer, and one for itself, which tells who issues them.
- name: identity
  projected:
    defaultMode: 0440
    sources:
      {{- range append $facts.peers .Chart.Name }}
      - serviceAccountToken:
          audience: {{ . }}
          path: {{ . }}
          expirationSeconds: {{ $v.global.identity.tokenSeconds }}
      {{- end }}
{{- if $issuer }}
- name: issuer
  projected:
    defaultMode: 0440
    sources:
      {{- with $v.global.identity.keys }}
      {{- if .existingConfigMap }}
      - configMap:
          name: {{ .existingConfigMap }}
          items:
            - { key: {{ .key }}, path: jwks.json }
      {{- else }}
      - serviceAccountToken:
          path: token
          expirationSeconds: {{ $v.global.identity.tokenSeconds }}
      - configMap:
          name: kube-root-ca.crt
          items:
            - { key: ca.crt, path: ca.crt }
      {{- end }}
      {{- end }}
{{- end }}
{{- if $secrets }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- include "bulkhead.secretSources" (dict "mounts" $secrets) | nindent 6 }}
{{- end }}
{{- end -}}

{{/* Where they have these. */}}
{{- define "bulkhead.serviceMounts" -}}
- { name: identity, mountPath: /var/run/bulkhead/identity, readOnly: true }
{{- if has (include "bulkhead.issuerKeys" .) (list "file" "api-server") }}
- { name: issuer, mountPath: /var/run/bulkhead/issuer, readOnly: true }
{{- end }}
{{- if (include "bulkhead.secretMounts" . | fromJson).mounts }}
- { name: secrets, mountPath: /var/run/bulkhead/secrets, readOnly: true }
{{- end }}
{{- end -}}

{{/* NAME_FILE for each secret. */}}
{{- define "bulkhead.secretFiles" -}}
{{- range (include "bulkhead.secretMounts" . | fromJson).mounts }}
- name: {{ .variable }}_FILE
  value: /var/run/bulkhead/secrets/{{ .variable }}
{{- end }}
{{- end -}}

{{/* The login of the role that migrates, as bulkhead.login has it; nothing for a service that does not migrate. */}}
{{- define "bulkhead.ownerLogin" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- if and $facts.database (dig "migrations" "enabled" false .Values.AsMap) -}}
{{- include "bulkhead.login" (dict "root" . "service" .Chart.Name "values" .Values.AsMap "side" "owner") -}}
{{- end -}}
{{- end -}}
