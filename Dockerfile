# One Dockerfile for every image: SERVICE names the app. It only packs the bundle that `npm run build` put into dist/apps,
# which is the same for every platform. `npm run images` builds the bundles and the images of those that changed.
#   npm run build && docker build --build-arg SERVICE=order -t bulkhead/order .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
ENV NODE_ENV=production
WORKDIR /app
COPY --chown=0:0 dist/apps/${SERVICE} /app
# What `npm run images` compares to see whether anything changed; set last, so that it costs no layer.
ARG CONTENT=unknown
LABEL org.opencontainers.image.title="bulkhead/${SERVICE}" \
      org.opencontainers.image.description="${SERVICE} of the Bulkhead shop" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT" \
      bulkhead.content="${CONTENT}"
# No user of the base image, and of no node: over 10000, as scanners of images want it.
USER 10001:10001
EXPOSE 8080 9090
# Node.js as process 1: it handles SIGTERM itself, from its first line on, and starts no children.
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=8", "/app/main.js"]
