{{- define "bulkhead.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "bulkhead.fullname" . }}
  labels:
    {{- include "bulkhead.labels" (dict "root" . "name" .Chart.Name "component" "service") | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{- define "bulkhead.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "bulkhead.fullname" . }}
  labels:
    {{- include "bulkhead.labels" (dict "root" . "name" .Chart.Name "component" "service") | nindent 4 }}
data:
  {{- range $name, $value := include "bulkhead.environment" . | fromJson }}
  {{ $name }}: {{ $value | quote }}
  {{- end }}
{{- end -}}

{{- define "bulkhead.service" -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "bulkhead.fullname" . }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  {{- include "bulkhead.ipFamilies" . | nindent 2 }}
  selector:
    {{- include "bulkhead.selector" $names | nindent 4 }}
  ports:
    - { name: http, port: 8080, targetPort: http, appProtocol: http }
---
{{/* Peers share their requests out among the pods themselves: a connection through a virtual address stays with one. */ -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "bulkhead.fullname" . }}-pods
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  {{- include "bulkhead.ipFamilies" . | nindent 2 }}
  clusterIP: None
  selector:
    {{- include "bulkhead.selector" $names | nindent 4 }}
  ports:
    - { name: http, port: 8080, targetPort: http, appProtocol: http }
{{- end -}}

{{/* Metrics have a Service of their own, so that the one that peers use never leads to the admin port. */}}
{{- define "bulkhead.monitor" -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "service" -}}
{{- $admin := dict "root" . "name" .Chart.Name "component" "admin" -}}
{{- $fullname := include "bulkhead.fullname" . -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $fullname }}-admin
  labels:
    {{- include "bulkhead.labels" $admin | nindent 4 }}
spec:
  {{- include "bulkhead.ipFamilies" . | nindent 2 }}
  clusterIP: None
  selector:
    {{- include "bulkhead.selector" $names | nindent 4 }}
  ports:
    - { name: admin, port: 9090, targetPort: admin }
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
    {{- with .Values.global.monitoring.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "bulkhead.selector" $admin | nindent 6 }}
  targetLabels: [app.kubernetes.io/name]
  endpoints:
    - port: admin
      path: /metrics
      interval: {{ .Values.global.monitoring.interval }}
      # `service` is whose metrics they are, not the Kubernetes Service behind which they were found.
      honorLabels: true
      relabelings:
        - { action: replace, targetLabel: job, replacement: bulkhead }
        - { action: replace, targetLabel: service, replacement: {{ .Chart.Name }} }
{{- end -}}

{{- define "bulkhead.disruptionBudget" -}}
{{- $names := dict "root" . "name" .Chart.Name "component" "service" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "bulkhead.fullname" . }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  maxUnavailable: {{ .Values.disruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "bulkhead.selector" $names | nindent 6 }}
{{- end -}}

{{- define "bulkhead.cpuAutoscaler" -}}
{{- $fullname := include "bulkhead.fullname" . -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" (dict "root" . "name" .Chart.Name "component" "service") | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $fullname }}
  minReplicas: {{ .Values.autoscaling.min }}
  maxReplicas: {{ .Values.autoscaling.max }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .Values.autoscaling.cpuPercent }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
{{- end -}}

{{/* KEDA: by messages that wait in the service's longest queue, by their age, or by CPU, whichever wants most pods. */}}
{{- define "bulkhead.queueAutoscaler" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $labels := include "bulkhead.labels" (dict "root" . "name" .Chart.Name "component" "service") -}}
{{- $queue := .Values.autoscaling.queue -}}
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: {{ $fullname }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  secretTargetRef:
    - parameter: host
      name: {{ $queue.existingSecret }}
      key: {{ $queue.key }}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ $fullname }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  scaleTargetRef:
    name: {{ $fullname }}
  minReplicaCount: {{ .Values.autoscaling.min }}
  maxReplicaCount: {{ .Values.autoscaling.max }}
  cooldownPeriod: 300
  triggers:
    {{- range $facts.queues }}
    - type: rabbitmq
      metadata:
        protocol: http
        queueName: bulkhead.{{ . }}
        mode: QueueLength
        value: {{ $queue.messages | quote }}
      authenticationRef:
        name: {{ $fullname }}
    {{- end }}
    {{- if $queue.age.seconds }}
    - type: prometheus
      metricType: Value
      metadata:
        serverAddress: {{ $queue.age.prometheus }}
        query: histogram_quantile(0.9, sum by (le) (rate(messaging_lag_seconds_bucket{namespace="{{ $.Release.Namespace }}",group=~"{{ join "|" $facts.queues }}"}[2m]))) or vector(0)
        threshold: {{ $queue.age.seconds | quote }}
    {{- end }}
    - type: cpu
      metricType: Utilization
      metadata:
        value: {{ .Values.autoscaling.cpuPercent | quote }}
{{- end -}}
