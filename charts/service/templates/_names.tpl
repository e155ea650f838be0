{{/*
What all names of a shop begin with: the release's name in the umbrella, nothing for a release of its own. Of a name so
long that Jobs and Services could not have theirs (63 characters) a part and a hash remain.
*/}}
{{- define "bulkhead.prefix" -}}
{{- if .Values.global.prefix -}}
{{ .Values.global.prefix }}
{{- else if or (not .Chart.IsRoot) (eq .Chart.Name "bulkhead") -}}
{{- $name := .Release.Name -}}
{{- if gt (len $name) 33 }}{{ $name = printf "%s-%s" ($name | trunc 24 | trimSuffix "-") ($name | sha256sum | trunc 8) }}{{ end -}}
{{ $name }}-
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

{{/*
An image of ours, by app: its own digest, else its own tag, else that of all, else the digest that a released chart was
made with, else the chart's appVersion. Takes root, app, and image: {registry, repository, tag, digest, releaseDigest}.
*/}}
{{- define "bulkhead.image" -}}
{{- $global := .root.Values.global.image -}}
{{- $image := .image | default dict -}}
{{- $name := printf "%s/%s" $global.repository .app -}}
{{- with $image.registry | default $global.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- $name = $image.repository | default $name -}}
{{- $tag := $image.tag | default $global.tag -}}
{{- $released := and (not $tag) (not $image.repository) | ternary ($image.releaseDigest | default "") "" -}}
{{- if or $image.digest $released -}}
{{ $name }}@{{ $image.digest | default $released }}
{{- else -}}
{{- $tag = $tag | default .root.Chart.AppVersion -}}
{{- if eq $tag "latest" }}{{ fail "global.image.tag is latest, which names another image every day; name a release, or a digest." }}{{ end -}}
{{ $name }}:{{ $tag }}
{{- end -}}
{{- end -}}

{{/* What the service calls, is called by and needs; see _topology.tpl, which is generated. */}}
{{- define "bulkhead.facts" -}}
{{- $all := include "bulkhead.topology" . | fromJson -}}
{{- get $all .Chart.Name | toJson -}}
{{- end -}}
