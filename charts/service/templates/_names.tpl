{{/* What all names of a shop begin with: the release's name in the umbrella, nothing for a release of its own. */}}
{{- define "bulkhead.prefix" -}}
{{- if .Values.global.prefix -}}
{{ .Values.global.prefix }}
{{- else if not .Chart.IsRoot -}}
{{ .Release.Name }}-
{{- else if eq .Chart.Name "bulkhead" -}}
{{ .Release.Name }}-
{{- end -}}
{{- end -}}

{{/* The shop that pods belong to: what NetworkPolicies select by, whether it is one release or nine. */}}
{{- define "bulkhead.shop" -}}
{{- include "bulkhead.prefix" . | trimSuffix "-" | default "bulkhead" -}}
{{- end -}}

{{- define "bulkhead.fullname" -}}
{{- printf "%s%s" (include "bulkhead.prefix" .) .Chart.Name -}}
{{- end -}}

{{/* Labels by which pods are selected; they hold no version, because selectors cannot be changed. */}}
{{- define "bulkhead.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: {{ include "bulkhead.shop" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* The recommended labels. Takes root, name and component. */}}
{{- define "bulkhead.labels" -}}
{{ include "bulkhead.selector" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* IP families of a Service; the cluster's own unless values say so. */}}
{{- define "bulkhead.ipFamilies" -}}
{{- with .Values.global.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.global.ipFamilies }}
ipFamilies: {{ toJson . }}
{{- end }}
{{- end -}}

{{/* The image of the charts' own Jobs. */}}
{{- define "bulkhead.jobsImage" -}}
{{- include "bulkhead.image" (dict "root" . "app" "chart-jobs" "image" .Values.global.jobsImage) -}}
{{- end -}}

{{/* An image of ours, by app. A digest wins over a tag. Takes root, app, and image: {repository, tag, digest}. */}}
{{- define "bulkhead.image" -}}
{{- $global := .root.Values.global.image -}}
{{- $image := .image | default dict -}}
{{- $name := printf "%s/%s" $global.repository .app -}}
{{- if $global.registry }}{{ $name = printf "%s/%s" $global.registry $name }}{{ end -}}
{{- $name = $image.repository | default $name -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{- $tag := $image.tag | default $global.tag | default .root.Chart.AppVersion -}}
{{- if eq $tag "latest" }}{{ fail "global.image.tag is latest, which names another image every day; name a release, or a digest." }}{{ end -}}
{{ $name }}:{{ $tag }}
{{- end -}}
{{- end -}}

{{/* What the service calls, is called by and needs; see _topology.tpl, which is generated. */}}
{{- define "bulkhead.facts" -}}
{{- $all := include "bulkhead.topology" . | fromJson -}}
{{- get $all .Chart.Name | toJson -}}
{{- end -}}
