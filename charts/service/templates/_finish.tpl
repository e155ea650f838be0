{{/*
The last hand on every object of a chart: what values add to all of them, to the Service and to the pods. Objects stay
as they are where values say nothing. Takes root and text, objects as YAML documents.
*/}}
{{- define "bulkhead.finish" -}}
{{- $root := .root -}}
{{- $v := .root.Values -}}
{{- $global := $v.global -}}
{{- range regexSplit "(?m)^---\\s*$" .text -1 -}}
{{- $object := fromYaml . -}}
{{- if hasKey $object "Error" }}{{ fail (printf "%s: %s\n%s" $root.Chart.Name $object.Error .) }}{{ end -}}
{{- if $object -}}
{{- $metadata := $object.metadata -}}
{{- $component := get $metadata.labels "app.kubernetes.io/component" -}}
{{- $annotations := merge (dict) ($metadata.annotations | default dict) -}}
{{- if and (eq $object.kind "Service") (eq $metadata.name (include "bulkhead.fullname" $root)) -}}
{{- $annotations = merge $annotations (dig "serviceAnnotations" dict $v.AsMap) -}}
{{- else if and (eq $object.kind "Deployment") (eq $component "service") -}}
{{- $annotations = merge $annotations (dig "annotations" dict $v.AsMap) -}}
{{- end -}}
{{- $annotations = merge $annotations $global.annotations -}}
{{- if $annotations }}{{ $_ := set $metadata "annotations" $annotations }}{{ end -}}
{{- $_ := set $metadata "labels" (merge (dict) $metadata.labels $global.labels) -}}
{{- if has $object.kind (list "Deployment" "StatefulSet" "Job") -}}
{{- include "bulkhead.finishPod" (dict "root" $root "kind" $object.kind "component" $component "pod" $object.spec.template) -}}
{{- else if eq $object.kind "CronJob" -}}
{{- include "bulkhead.finishPod" (dict "root" $root "kind" "Job" "component" $component "pod" $object.spec.jobTemplate.spec.template) -}}
{{- else if eq $object.kind "Pod" -}}
{{- include "bulkhead.finishPod" (dict "root" $root "kind" $object.kind "component" $component "pod" $object) -}}
{{- end }}
---
{{ toYaml $object }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Objects that values bring along, in which templates work. */}}
{{- define "bulkhead.extraObjects" -}}
{{- range .Values.extraObjects }}
---
{{ tpl (toYaml .) $ }}
{{- end -}}
{{- end -}}

{{/* Changes a pod, or the template of one, in place. Takes root, kind, component and pod. */}}
{{- define "bulkhead.finishPod" -}}
{{- $v := .root.Values.AsMap -}}
{{- $global := .root.Values.global -}}
{{- $metadata := .pod.metadata -}}
{{- $spec := .pod.spec -}}
{{- $labels := merge (dict) $metadata.labels $global.labels -}}
{{- $annotations := merge (dict) ($metadata.annotations | default dict) -}}
{{- if has .kind (list "Job" "Pod") -}}
{{- $labels = merge $labels $global.jobs.podLabels -}}
{{- $annotations = merge $annotations $global.jobs.podAnnotations -}}
{{- end -}}
{{- $_ := set $metadata "labels" $labels -}}
{{- if $annotations }}{{ $_ := set $metadata "annotations" $annotations }}{{ end -}}
{{- if has .component (list "service" "migration" "preflight") -}}
{{- $container := first $spec.containers -}}
{{- range $field, $value := dict "env" "extraEnv" "envFrom" "extraEnvFrom" "volumeMounts" "extraVolumeMounts" -}}
{{- with dig $value list $v }}{{ $_ := set $container $field (concat (get $container $field | default list) .) }}{{ end -}}
{{- end -}}
{{- with dig "extraVolumes" list $v }}{{ $_ := set $spec "volumes" (concat ($spec.volumes | default list) .) }}{{ end -}}
{{- end -}}
{{- if eq .component "service" -}}
{{- with dig "initContainers" list $v }}{{ $_ := set $spec "initContainers" (concat ($spec.initContainers | default list) .) }}{{ end -}}
{{- with dig "extraContainers" list $v }}{{ $_ := set $spec "containers" (concat $spec.containers .) }}{{ end -}}
{{- end -}}
{{- $over := mergeOverwrite (deepCopy $global.podSpec) (has .component (list "service" "migration" "preflight") | ternary (deepCopy (dig "podSpec" dict $v)) dict) -}}
{{- $_ := mergeOverwrite $spec $over -}}
{{- end -}}
