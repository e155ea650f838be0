{{- define "bulkhead.exposure" -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $labels := include "bulkhead.labels" (dict "root" . "name" .Chart.Name "component" "service") -}}
{{- with .Values.exposure -}}
{{- if eq .type "gateway" -}}
{{- if .gateway.create }}
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: {{ $fullname }}
  labels:
    {{- $labels | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  gatewayClassName: {{ .gateway.className }}
  listeners:
    {{- if .tlsSecret }}
    - name: https
      protocol: HTTPS
      port: 443
      tls:
        certificateRefs:
          - name: {{ .tlsSecret }}
    {{- else }}
    - name: http
      protocol: HTTP
      port: 80
    {{- end }}
---
{{- end }}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ $fullname }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  parentRefs:
    {{- if .gateway.create }}
    - name: {{ $fullname }}
    {{- else }}
    {{- toYaml .gateway.parentRefs | nindent 4 }}
    {{- end }}
  {{- with .host }}
  hostnames: [{{ . }}]
  {{- end }}
  rules:
    - matches:
        - path: { type: PathPrefix, value: / }
      backendRefs:
        - name: {{ $fullname }}
          port: 8080
      timeouts:
        request: {{ .gateway.requestTimeout }}
{{- else if eq .type "ingress" }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $fullname }}
  labels:
    {{- $labels | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if .tlsSecret }}
  tls:
    - secretName: {{ .tlsSecret }}
      {{- with .host }}
      hosts: [{{ . }}]
      {{- end }}
  {{- end }}
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ $fullname }}
                port:
                  name: http
      {{- with .host }}
      host: {{ . }}
      {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
