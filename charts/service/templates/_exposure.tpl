{{- define "bulkhead.exposure" -}}
{{- $fullname := include "bulkhead.fullname" . -}}
{{- $labels := include "bulkhead.labels" (dict "root" . "name" .Chart.Name "component" "service") -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $exposure := .Values.exposure -}}
{{- $storefront := printf "%sstorefront" (include "bulkhead.prefix" .) -}}
{{- /* With a storefront the gateway only has what is the API's: an origin for both, and no page asks across origins. */ -}}
{{- $paths := $exposure.storefront | ternary $facts.paths (list "/") -}}
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
    {{- range $name := empty .tlsSecret | ternary (list "http") (list "http" "https") }}
    - name: {{ $name }}
      protocol: {{ upper $name }}
      port: {{ eq $name "https" | ternary 443 80 }}
      {{- with $exposure.host }}
      hostname: {{ . }}
      {{- end }}
      allowedRoutes:
        namespaces: { from: Same }
      {{- if eq $name "https" }}
      tls:
        mode: Terminate
        certificateRefs:
          - { group: "", kind: Secret, name: {{ $exposure.tlsSecret }} }
      {{- end }}
    {{- end }}
---
{{- if .tlsSecret }}
# Who types http:// is sent on; the path of an ACME challenge is longer and goes to whoever answers it.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ $fullname }}-redirect
  labels:
    {{- $labels | nindent 4 }}
spec:
  parentRefs:
    - { group: gateway.networking.k8s.io, kind: Gateway, name: {{ $fullname }}, sectionName: http }
  {{- with .host }}
  hostnames: [{{ . }}]
  {{- end }}
  rules:
    - matches:
        - path: { type: PathPrefix, value: / }
      filters:
        - type: RequestRedirect
          requestRedirect: { scheme: https, statusCode: 301 }
---
{{- end }}
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
    - { group: gateway.networking.k8s.io, kind: Gateway, name: {{ $fullname }}, sectionName: {{ empty .tlsSecret | ternary "http" "https" }} }
    {{- else }}
    {{- range .gateway.parentRefs }}
    {{- /* What the API server would add is written, or Argo CD would see a difference for ever. */}}
    - {{ merge (dict) . (dict "group" "gateway.networking.k8s.io" "kind" "Gateway") | toJson }}
    {{- end }}
    {{- end }}
  {{- with .host }}
  hostnames: [{{ . }}]
  {{- end }}
  rules:
    # Event streams stay open; Envoy ends what takes longer than 15 s unless it is told.
    - matches:
        {{- range $facts.streams }}
        - path: { type: PathPrefix, value: {{ . }} }
        {{- end }}
      backendRefs:
        - { group: "", kind: Service, name: {{ $fullname }}, port: 8080, weight: 1 }
      timeouts:
        request: 0s
    - matches:
        {{- range $paths }}
        - path: { type: PathPrefix, value: {{ . }} }
        {{- end }}
      backendRefs:
        - { group: "", kind: Service, name: {{ $fullname }}, port: 8080, weight: 1 }
      timeouts:
        request: {{ .gateway.requestTimeout }}
    {{- if .storefront }}
    - matches:
        - path: { type: PathPrefix, value: / }
      backendRefs:
        - { group: "", kind: Service, name: {{ $storefront }}, port: 8080, weight: 1 }
    {{- end }}
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
          {{- range $paths }}
          - path: {{ . }}
            pathType: Prefix
            backend:
              service:
                name: {{ $fullname }}
                port:
                  name: http
          {{- end }}
          {{- if .storefront }}
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ $storefront }}
                port:
                  name: http
          {{- end }}
      {{- with .host }}
      host: {{ . }}
      {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
