{{/* What the restricted pod security standard asks of a pod. Takes the user's id. */}}
{{- define "bulkhead.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  fsGroup: {{ . }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "bulkhead.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "bulkhead.pullSecrets" -}}
{{- with .Values.global.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Where pods may run, from a service's values. */}}
{{- define "bulkhead.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* In development the bundle lies on a volume, where a new one may be put over it; all else stays as it is elsewhere. */}}
{{- define "bulkhead.watchedBundle" -}}
{{- if .Values.development.watch }}
initContainers:
  - name: bundle
    image: {{ include "bulkhead.image" (dict "root" . "app" .Chart.Name "image" .Values.image) }}
    imagePullPolicy: {{ .Values.global.image.pullPolicy }}
    command: [cp, -r, /app/., /bundle]
    {{- include "bulkhead.containerSecurity" dict | nindent 4 }}
    {{- include "bulkhead.smallResources" . | nindent 4 }}
    volumeMounts:
      - { name: app, mountPath: /bundle }
{{- end }}
{{- end -}}

{{/* Resources of Jobs and of what is for development only. */}}
{{- define "bulkhead.smallResources" -}}
resources:
  requests:
    cpu: 10m
    memory: 64Mi
  limits:
    memory: 256Mi
{{- end -}}
