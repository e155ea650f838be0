{{/* The simulated payment provider: somebody else's server, played for development and tests. */}}
{{- define "bulkhead.simulatedProvider" -}}
{{- $prefix := include "bulkhead.prefix" . -}}
{{- $fullname := printf "%spayment-provider" $prefix -}}
{{- $names := dict "root" . "name" "payment-provider" "component" "simulation" -}}
{{- /* The same image as the service's, unless another is named. */ -}}
{{- $image := .Values.simulatedProvider.image -}}
{{- if not (or $image.repository $image.tag $image.digest) }}{{ $image = .Values.image }}{{ end -}}
{{- $webhook := .Values.secrets.PAYMENT_WEBHOOK_SECRET -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  {{- include "bulkhead.ipFamilies" . | nindent 2 }}
  selector:
    {{- include "bulkhead.selector" $names | nindent 4 }}
  ports:
    - { name: http, port: 8090, targetPort: http, appProtocol: http }
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  # Its book is in one pod: two at once would contradict each other. Like a real provider's, it outlives an upgrade of the shop.
  serviceName: {{ $fullname }}
  replicas: 1
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      {{- include "bulkhead.selector" $names | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "bulkhead.selector" $names | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- include "bulkhead.pullSecrets" . | nindent 6 }}
      {{- include "bulkhead.podSecurity" (dict "root" .) | nindent 6 }}
      {{- include "bulkhead.placement" .Values | nindent 6 }}
      {{- include "bulkhead.watchedBundle" . | nindent 6 }}
      containers:
        - name: provider
          image: {{ include "bulkhead.image" (dict "root" . "app" "payment" "image" $image) }}
          imagePullPolicy: {{ .Values.global.image.pullPolicy }}
          args: [simulated-provider]
          {{- include "bulkhead.containerSecurity" dict | nindent 10 }}
          ports:
            - name: http
              containerPort: 8090
          env:
            - { name: PORT, value: "8090" }
            # Every address, also the loopback one, to which a port-forward leads.
            - name: HOST
              value: {{ ternary "::" "0.0.0.0" (has "IPv6" (.Values.global.ipFamilies | default list)) | quote }}
            - { name: SIMULATED_PROVIDER_BOOK, value: /data/book.json }
            - { name: PAYMENT_WEBHOOK_URL, value: "http://{{ $prefix }}gateway:8080/api/v1/payments/webhooks/simulated" }
            - { name: PAYMENT_WEBHOOK_SECRET_FILE, value: /var/run/bulkhead/secrets/PAYMENT_WEBHOOK_SECRET }
          readinessProbe:
            tcpSocket: { port: http }
            periodSeconds: 2
          {{- include "bulkhead.smallResources" . | nindent 10 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: data, mountPath: /data }
            {{- if .Values.development.watch }}
            - { name: app, mountPath: /app }
            {{- end }}
            - { name: secrets, mountPath: /var/run/bulkhead/secrets, readOnly: true }
      volumes:
        {{- if .Values.development.watch }}
        - name: app
          emptyDir: {}
        {{- end }}
        - name: tmp
          emptyDir:
            sizeLimit: 16Mi
        {{- if not .Values.simulatedProvider.storage.persistent }}
        - name: data
          emptyDir:
            sizeLimit: 64Mi
        {{- end }}
        - name: secrets
          projected:
            defaultMode: 0440
            sources:
              {{- include "bulkhead.secretSources" (dict "mounts" (list (dict "variable" "PAYMENT_WEBHOOK_SECRET" "secret" ($webhook.existingSecret | default (printf "%spayment-credentials" $prefix)) "key" $webhook.key))) | nindent 14 }}
  {{- include "bulkhead.dataClaim" .Values.simulatedProvider.storage | nindent 2 }}
{{- if .Values.global.networkPolicy.enabled }}
---
{{ include "bulkhead.policyHead" (dict "fullname" $fullname "names" $names) }}
  ingress:
    - from:
        {{- include "bulkhead.callers" (dict "root" . "name" "payment") | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8090)) }}
    {{- include "bulkhead.probeIngress" . | nindent 4 }}
  egress:
    {{- include "bulkhead.dnsEgress" . | nindent 4 }}
    - to:
        {{- include "bulkhead.peer" (dict "root" . "name" "gateway" "component" "service") | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
---
# Its webhooks come in by the gateway, whose own policy does not know whether there is a simulated provider.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $fullname }}-webhooks
  labels:
    {{- include "bulkhead.labels" $names | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "bulkhead.selector" (dict "root" . "name" "gateway" "component" "service") | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from:
        {{- include "bulkhead.peer" $names | nindent 8 }}
      ports: {{ include "bulkhead.ports" (dict "root" $ "ports" (list 8080)) }}
{{- end }}
{{- end -}}
