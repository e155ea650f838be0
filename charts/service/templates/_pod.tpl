{{/*
What the restricted pod security standard asks of a pod. Takes root, and user where an image has one of its own. Where
global.runAsUser is empty, whoever admits pods gives each namespace its users, as OpenShift does.
*/}}
{{- define "bulkhead.podSecurity" -}}
{{- $common := .root.Values.global.runAsUser -}}
securityContext:
  runAsNonRoot: true
  {{- if $common }}
  {{- $user := int (.user | default $common) }}
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
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

{{/* Labels of a Job's pod: with a sidecar, which goes on, it would never end. */}}
{{- define "bulkhead.jobPodLabels" -}}
{{ include "bulkhead.labels" . }}
{{- if eq .root.Values.global.mesh "sidecar" }}
sidecar.istio.io/inject: "false"
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

{{/*
Runs a copy of the bundle, and starts anew when its content differs and it is whole, which its last line shows: a sync
removes the file and writes it again, once for each deployer of Skaffold, and on a busy machine it pauses in the middle.
Pages, which name each other, have to settle first; they are read at the start, and count as part of the bundle. Not
`node --watch`: it watches the file that was there at the start. What ran before has a second to drain, as an open stream
would hold up the edit. A bundle that ends by itself waits for the next: nothing can be copied into a container that ended.
*/}}
{{- define "bulkhead.reload" -}}
command: [sh, -c]
args:
  - |
    whole() { tail -n 1 /tmp/next/main.js | grep -q '^//# sourceMappingURL='; }
    state() { stat -c '%i %z %s' /app/main.js /app/main.js.map /app/site/index.html 2>/dev/null; }
    run() {
      mv /tmp/next/main.js /tmp/run/
      node --enable-source-maps --max-semi-space-size=8 /tmp/run/main.js & pid=$!
    }
    end() { [ -z "$pid" ] || { kill "$pid" 2>/dev/null; wait "$pid"; pid=; }; }
    replace() {
      [ -z "$pid" ] || { old=$pid; (sleep 1; kill -KILL "$old" 2>/dev/null) & limit=$!; end; kill "$limit"; }
      run
    }
    trap 'end; exit 0' TERM INT
    mkdir -p /tmp/next /tmp/run && ln -sfn /app/migrations /app/site /tmp/run/
    while :; do
      seen=$(state)
      if [ -e /app/site ] && [ "$seen" != "$known" ]; then
        known=$seen
      elif [ "$seen" != "$checked" ] && cp /app/main.js /app/main.js.map /tmp/next/ 2>/dev/null && whole; then
        checked=$seen; mv /tmp/next/main.js.map /tmp/run/
        sum=$(cat /tmp/next/main.js /app/site/index.html 2>/dev/null | cksum)
        if [ "$sum" != "$running" ]; then running=$sum; replace; fi
      fi
      if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
        wait "$pid"; echo "the service ended with $?; waiting for another bundle" >&2; pid=
      fi
      sleep 0.25 & wait $!
    done
{{- end -}}

{{/* Resources of Jobs and of what is for development only. */}}
{{- define "bulkhead.smallResources" -}}
resources:
  {{- toYaml .Values.global.jobs.resources | nindent 2 }}
{{- end -}}

{{/* The volume claim of a StatefulSet, or an emptyDir. Takes the storage of its values. */}}
{{- define "bulkhead.dataClaim" -}}
{{- if .persistent }}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .className }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .size }}
{{- end }}
{{- end -}}
