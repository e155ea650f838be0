{{/* Combinations of values that cannot work end the install with a sentence that says what to change. */}}
{{- define "bulkhead.checks" -}}
{{- $v := .Values -}}
{{- $name := .Chart.Name -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- if and (not (kindIs "invalid" $v.replicas)) (ne $v.autoscaling.type "none") -}}
{{- fail (printf "%s: replicas is %v and autoscaling.type is %s, which would undo each other; unset replicas, or set autoscaling.type to none." $name $v.replicas $v.autoscaling.type) -}}
{{- end -}}
{{- if and (ne $v.autoscaling.type "none") (gt (int $v.autoscaling.min) (int $v.autoscaling.max)) -}}
{{- fail (printf "%s: autoscaling.min (%d) is over autoscaling.max (%d); swap them." $name (int $v.autoscaling.min) (int $v.autoscaling.max)) -}}
{{- end -}}
{{- if and (eq $v.autoscaling.type "queue") (not $facts.queues) -}}
{{- fail (printf "%s: autoscaling.type is queue, but %s reads no queue; set it to cpu." $name $name) -}}
{{- end -}}
{{- if and (eq $v.autoscaling.type "queue") (not $v.autoscaling.queue.existingSecret) -}}
{{- fail (printf "%s: autoscaling.type is queue, which needs the broker's management address; set autoscaling.queue.existingSecret to a Secret that holds it." $name) -}}
{{- end -}}
{{- if and (eq $v.autoscaling.type "queue") $v.autoscaling.queue.age.seconds (not $v.autoscaling.queue.age.prometheus) -}}
{{- fail (printf "%s: autoscaling.queue.age.seconds asks Prometheus; set autoscaling.queue.age.prometheus to its URL, or seconds to 0." $name) -}}
{{- end -}}
{{- if and $v.disruptionBudget.enabled (eq $v.autoscaling.type "none") (lt (int ($v.replicas | default 1)) 2) -}}
{{- fail (printf "%s: disruptionBudget.enabled with one replica would keep nodes from draining or protect nothing; set replicas to 2 or more, or disruptionBudget.enabled to false." $name) -}}
{{- end -}}
{{- if eq $v.global.mode "production" -}}
{{- if $v.faults }}{{ fail (printf "%s: faults is true, which is refused where global.mode is production; set one of the two otherwise." $name) }}{{ end -}}
{{- if $v.development.watch }}{{ fail (printf "%s: development.watch is true, which is refused where global.mode is production." $name) }}{{ end -}}
{{- if has (toString (get $v.config "SEED")) (list "on" "true") }}{{ fail (printf "%s: config.SEED is on, which is refused where global.mode is production; set it to off." $name) }}{{ end -}}
{{- end -}}
{{- if hasKey $v "exposure" }}{{ include "bulkhead.exposureChecks" . }}{{ end -}}
{{- if eq $name "payment" }}{{ include "bulkhead.paymentChecks" . }}{{ end -}}
{{- if eq $name "notification" }}{{ include "bulkhead.mailChecks" . }}{{ end -}}
{{- include "bulkhead.networkChecks" . -}}
{{- include "bulkhead.tlsChecks" . -}}
{{- end -}}

{{/* In production no server is infra's, so that a policy without addresses would lead nowhere, or everywhere. */}}
{{- define "bulkhead.networkChecks" -}}
{{- $facts := include "bulkhead.facts" . | fromJson -}}
{{- $policies := .Values.global.networkPolicy -}}
{{- if and $policies.enabled (eq .Values.global.mode "production") -}}
{{- $hint := "its addresses, such as [{ipBlock: {cidr: 10.1.0.0/28}}], or global.networkPolicy.enabled to false" -}}
{{- if $facts.database -}}
{{- if not $policies.database.to }}{{ fail (printf "%s: global.networkPolicy.database.to is empty, so that no policy could say where PostgreSQL is; set it to %s." .Chart.Name $hint) }}{{ end -}}
{{- if not $policies.broker.to }}{{ fail (printf "%s: global.networkPolicy.broker.to is empty, so that no policy could say where RabbitMQ is; set it to %s." .Chart.Name $hint) }}{{ end -}}
{{- end -}}
{{- if and (not $policies.apiServer.to) (or (eq (include "bulkhead.issuerKeys" .) "api-server") (include "bulkhead.serviceCredentials" .)) }}{{ fail (printf "%s: global.networkPolicy.apiServer.to is empty, so that its pods could talk to everybody on its ports; set it to the addresses of `kubectl get endpointslices -n default kubernetes`, such as [{ipBlock: {cidr: 10.0.0.1/32}}], or give the issuer's keys by global.identity.keys.existingConfigMap." .Chart.Name) }}{{ end -}}
{{- if and (eq .Chart.Name "notification") (not .Values.networkPolicy.smtp.to) }}{{ fail (printf "notification: networkPolicy.smtp.to is empty, so that no mail could leave; set it to %s." $hint) }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "bulkhead.mailChecks" -}}
{{- $env := include "bulkhead.environment" . | fromJson -}}
{{- if eq .Values.global.mode "production" -}}
{{- if contains "shop@shop.example" (lower (get $env "MAIL_FROM")) }}{{ fail "notification: mails would be from shop@shop.example, which no mail server accepts; set config.MAIL_FROM to an address that yours may send from." }}{{ end -}}
{{- if regexMatch "^https?://(localhost|127\\.)" (get $env "PUBLIC_URL") }}{{ fail (printf "notification: links in mails would lead to %s, the reader's own machine; set global.publicUrl to where people reach the shop." (get $env "PUBLIC_URL")) }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "bulkhead.exposureChecks" -}}
{{- $hops := get (include "bulkhead.environment" . | fromJson) "TRUSTED_HOPS" | default "0" -}}
{{- with .Values.exposure -}}
{{- if and (eq .type "none") .host -}}
{{- fail (printf "gateway: exposure.host is %s, but exposure.type is none, so nothing would lead there; set exposure.type to gateway or ingress, or leave exposure.host empty." .host) -}}
{{- end -}}
{{- if and (eq .type "gateway") (not .gateway.create) (not .gateway.parentRefs) -}}
{{- fail "gateway: exposure.type is gateway, but there is none to attach to; set exposure.gateway.create to true, or exposure.gateway.parentRefs to your Gateway." -}}
{{- end -}}
{{- if and (eq .type "gateway") .gateway.create (not .gateway.className) -}}
{{- fail "gateway: exposure.gateway.create makes a Gateway, which needs a class; set exposure.gateway.className (kubectl get gatewayclass)." -}}
{{- end -}}
{{- if and (ne .type "none") (eq (int $hops) 0) -}}
{{- fail "gateway: config.TRUSTED_HOPS is 0, so that behind a proxy all customers would be one: one rate limit, and a few wrong passwords would stop everybody's login; set it to the number of proxies in front that add to X-Forwarded-For (1 for a Gateway alone, 2 with an HTTP load balancer before it)." -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "bulkhead.paymentChecks" -}}
{{- $v := .Values -}}
{{- $provider := get $v.config "PAYMENT_PROVIDER" | default "simulated" -}}
{{- if eq $provider "stripe" -}}
{{- if not $v.secrets.STRIPE_SECRET_KEY.existingSecret }}{{ fail "payment: config.PAYMENT_PROVIDER is stripe, which needs its key; set secrets.STRIPE_SECRET_KEY.existingSecret." }}{{ end -}}
{{- if not $v.secrets.PAYMENT_WEBHOOK_SECRET.existingSecret }}{{ fail "payment: config.PAYMENT_PROVIDER is stripe, which signs webhooks with a secret of its own; set secrets.PAYMENT_WEBHOOK_SECRET.existingSecret." }}{{ end -}}
{{- if $v.simulatedProvider.enabled }}{{ fail "payment: config.PAYMENT_PROVIDER is stripe; set simulatedProvider.enabled to false." }}{{ end -}}
{{- $returnUrl := get $v.config "PAYMENT_RETURN_URL" | default $v.global.publicUrl -}}
{{- if and (eq $v.global.mode "production") (regexMatch "^https?://(localhost|127[.])" $returnUrl) -}}
{{- fail (printf "payment: buyers who confirm a payment at their bank would be sent back to %s; set global.publicUrl, or config.PAYMENT_RETURN_URL." $returnUrl) -}}
{{- end -}}
{{- else if and (not $v.simulatedProvider.enabled) (not (get $v.config "PAYMENT_PROVIDER_URL")) -}}
{{- fail "payment: there is no provider; set config.PAYMENT_PROVIDER to stripe, simulatedProvider.enabled to true, or config.PAYMENT_PROVIDER_URL." -}}
{{- else if and (eq $v.global.mode "production") (ne (toString (get $v.config "PAYMENT_ALLOW_SIMULATED")) "on") -}}
{{- fail "payment: the simulated provider is refused where global.mode is production; set config.PAYMENT_PROVIDER to stripe, or config.PAYMENT_ALLOW_SIMULATED to on." -}}
{{- end -}}
{{- end -}}
