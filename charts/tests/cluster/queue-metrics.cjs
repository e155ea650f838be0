/**
 * Depths of queues as external metrics of Kubernetes (external.metrics.k8s.io/v1beta1), as KEDA serves them, from
 * RabbitMQ's management API. Runs in a pod; the metric's name is the queue's. TLS_KEY and TLS_CERT are files.
 */
const { readFileSync } = require('node:fs');
const { createServer } = require('node:https');
const { depthOf } = require('./broker-in-pod.cjs');

const group = { apiVersion: 'external.metrics.k8s.io/v1beta1', metadata: {} };

const valueOf = (metricName, value) => ({
  metricName,
  metricLabels: {},
  timestamp: new Date().toISOString(),
  value: String(value),
});

const tls = { key: readFileSync(process.env.TLS_KEY), cert: readFileSync(process.env.TLS_CERT) };
createServer(tls, async ({ url }, response) => {
  const send = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const [, queue] = /\/namespaces\/[^/]+\/([\w.-]+)/.exec(url) ?? [];
  try {
    if (queue) {
      const items = [valueOf(queue, await depthOf(queue))];
      return send(200, { ...group, kind: 'ExternalMetricValueList', items });
    }
    send(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group.apiVersion, resources: [] });
  } catch (error) {
    console.error(error.message);
    send(503, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: error.message, code: 503 });
  }
}).listen(8443);
